import { type QuickPick, type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import { AppError, messageOf } from '../../base/errors.ts';
import type { FannedOut } from '../../core/flow/fanOut.ts';
import type { Settings } from '../../core/settings.ts';
import type { Answer, Place } from '../ask/quickInput.ts';
import { show } from '../ask/quickInput.ts';
import { words } from '../words.ts';
import type { Draft } from './draft.ts';
import type { Option } from './options.ts';
import { landInWords, reviewInWords } from './options.ts';
import { countedTasks } from './sources.ts';

const { t } = words;

/** What is shown before the start. */
export interface Prospect {
  readonly draft: Draft;
  readonly settings: Settings;
  /** What would be made, or why it cannot be. */
  readonly plan: FannedOut | AppError;
  /** What the person should know first: uncommitted changes, Claude Code that is not ready. */
  readonly warnings: readonly string[];
}

type Item = QuickPickItem & { readonly does?: Option | 'start' };

/** Shows the plan and every option with its value; Enter starts. */
export function askStart(place: Place, prospect: Prospect): Promise<Answer<Option | 'start'>> {
  return show<QuickPick<Item>, Option | 'start'>(window.createQuickPick<Item>(), place, (pick, done) => {
    pick.placeholder = t('Press Enter to start, or choose what to change.');
    pick.matchOnDescription = true;
    pick.items = itemsOf(prospect);
    return [
      pick.onDidAccept(() => {
        const [chosen] = pick.activeItems;
        if (chosen?.does) done({ value: chosen.does });
      }),
    ];
  });
}

function itemsOf({ draft, settings, plan, warnings }: Prospect): readonly Item[] {
  return [
    plan instanceof AppError ? problemItem(plan) : startItem(draft),
    ...warnings.map((warning) => ({ label: `$(warning) ${warning}` })),
    separator(t('options')),
    option(
      'symbol-misc',
      t('Model'),
      (draft.model ?? settings['claude.model']) || t('Claude Code’s own choice'),
      'model',
    ),
    option('shield', t('Permission mode'), draft.permissionMode ?? settings['claude.permissionMode'], 'permissionMode'),
    option('checklist', t('Check before landing'), (draft.check ?? settings['check.command']) || t('none'), 'check'),
    option('eye', t('Review'), reviewInWords(draft.review), 'review'),
    option('git-merge', t('Merge'), landInWords(draft.land), 'land'),
    option('git-commit', t('Start from'), draft.base ?? t('the tip of {0}', draft.target), 'base'),
    ...(plan instanceof AppError ? [] : [separator(t('tasks')), ...taskItems(plan)]),
  ];
}

const startItem = (draft: Draft): Item => ({
  label: `$(run-all) ${t('Start {0}', countedTasks(draft.requests.length))}`,
  description:
    draft.workers === 1
      ? t('on {0}, with 1 worker', draft.target)
      : t('on {0}, with {1} workers', draft.target, draft.workers),
  alwaysShow: true,
  does: 'start',
});

const problemItem = (problem: AppError): Item => ({
  label: `$(error) ${messageOf(problem)}`,
  detail: problem.hint ?? t('Go back, or change it below.'),
  alwaysShow: true,
});

const option = (icon: string, label: string, value: string, does: Option): Item => ({
  label: `$(${icon}) ${label}`,
  description: value,
  does,
});

const separator = (label: string): Item => ({ label, kind: QuickPickItemKind.Separator });

const taskItems = ({ tasks }: FannedOut): readonly Item[] =>
  tasks.map((task, index) => ({ label: `${index + 1}. ${task.title}`, description: task.branch }));
