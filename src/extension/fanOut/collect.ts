import {
  env,
  type QuickInputButton,
  type QuickPick,
  type QuickPickItem,
  QuickPickItemKind,
  ThemeIcon,
  window,
} from 'vscode';
import { messageOf } from '../../base/errors.ts';
import type { TaskRequest } from '../../core/flow/plan.ts';
import { requestsFromLines } from '../../core/flow/plan.ts';
import { titleOf } from '../../core/model/task.ts';
import type { Answer, Place } from '../ask/quickInput.ts';
import { show } from '../ask/quickInput.ts';
import { words } from '../words.ts';
import { isPasteOf } from './draft.ts';
import type { Source } from './sources.ts';
import { countedTasks, sourcesNow } from './sources.ts';

const { t } = words;

type Item = QuickPickItem & { readonly does?: () => void | Promise<void> };

const remove: QuickInputButton = { iconPath: new ThemeIcon('close'), tooltip: t('Leave This Task Out') };

/** Asks for the tasks, one line each; pasted lines, the selection, files and lists give several at once. `editor`: they are to be written in an editor. */
export async function askTasks(
  place: Place,
  known: readonly TaskRequest[],
): Promise<Answer<readonly TaskRequest[] | 'editor'>> {
  const sources = await sourcesNow();
  return show<QuickPick<Item>, readonly TaskRequest[] | 'editor'>(
    window.createQuickPick<Item>(),
    place,
    (pick, done, between) => {
      let tasks = known;
      let problem: string | undefined;
      let typed = '';
      const add = (requests: readonly TaskRequest[]) => {
        tasks = [...tasks, ...requests];
        problem = undefined;
        pick.value = '';
        typed = '';
        draw();
      };
      const take = async (source: Source) => {
        try {
          // Where VS Code has no dialog of the system, in remote windows, its own one hides this.
          const requests = await between(() => source.read());
          if (requests?.length === 0) problem = t('{0} holds no task', source.label);
          else if (requests) return add(requests);
        } catch (error) {
          problem = messageOf(error);
        }
        draw();
      };
      const draw = (pasted?: string) => {
        pick.placeholder =
          tasks.length === 0
            ? t('What is to be done? Type a task and press Enter.')
            : t('Type another task, or press Enter to go on with {0}.', countedTasks(tasks.length));
        pick.items = typed.trim() === '' ? listItems() : typedItems(typed.trim(), pasted);
        const [first] = pick.items.filter((item) => item.kind !== QuickPickItemKind.Separator);
        pick.activeItems = first ? [first] : [];
      };
      const typedItems = (text: string, pasted: string | undefined): readonly Item[] => {
        const lines = pasted === undefined ? [] : requestsFromLines(pasted);
        const one: Item = {
          label: `$(add) ${t('Add “{0}”', titleOf(text))}`,
          alwaysShow: true,
          does: () => add([{ prompt: text }]),
        };
        if (lines.length < 2) return [one];
        const several = t('Add {0}, one for each line pasted', countedTasks(lines.length));
        return [{ label: `$(list-unordered) ${several}`, alwaysShow: true, does: () => add(lines) }, one];
      };
      const listItems = (): readonly Item[] => [
        ...(tasks.length === 0
          ? []
          : [
              {
                label: `$(arrow-right) ${t('Go on with {0}', countedTasks(tasks.length))}`,
                does: () => done({ value: tasks }),
              },
            ]),
        ...(problem === undefined ? [] : [{ label: `$(warning) ${problem}`, alwaysShow: true }]),
        ...(tasks.length === 0 ? [] : [separator(t('tasks'))]),
        ...tasks.map((task, index) => ({
          label: `${index + 1}. ${titleOf(task.title ?? task.prompt)}`,
          buttons: [remove],
          ...(task.after === undefined || task.after.length === 0
            ? {}
            : { description: t('after {0}', task.after.join(', ')) }),
        })),
        separator(t('take tasks from')),
        ...sources.map((source) => ({
          label: `$(${source.icon}) ${source.label}`,
          ...(source.description === undefined ? {} : { description: source.description }),
          does: () => take(source),
        })),
        {
          label: `$(edit) ${t('A new editor')}`,
          description: t('for many or long tasks'),
          does: () => done({ value: 'editor' }),
        },
      ];
      draw();
      return [
        pick.onDidChangeValue(async (value) => {
          const before = typed;
          typed = value;
          if (value.length - before.length > 1) {
            const copied = await env.clipboard.readText();
            if (typed === value) draw(isPasteOf(value, copied) ? copied : undefined);
          } else {
            draw();
          }
        }),
        pick.onDidAccept(() => {
          const [chosen] = pick.activeItems;
          // Enter may be faster than the list: what is typed is what counts.
          if (typed.trim() !== '' && (!chosen?.does || !chosen.alwaysShow)) return add([{ prompt: typed.trim() }]);
          void chosen?.does?.();
        }),
        pick.onDidTriggerItemButton(({ item }) => {
          const index = Number.parseInt(item.label, 10) - 1;
          tasks = tasks.filter((_, at) => at !== index);
          draw();
        }),
      ];
    },
  );
}

const separator = (label: string): Item => ({ label, kind: QuickPickItemKind.Separator });
