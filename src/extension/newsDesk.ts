import { commands } from 'vscode';
import type { Disposable } from '../base/lifecycle.ts';
import type { FaceId } from '../core/model/ids.ts';
import type { Face } from './face.ts';
import { messageRowId } from './model/inboxTree.ts';
import type { Mail, News, Notice } from './model/notices.ts';
import { joinNews, newsBetween, nextNotice, noNews, settledMeanwhile } from './model/notices.ts';
import type { Sight } from './repositories.ts';
import type { Verb } from './tell.ts';
import { words } from './words.ts';

const { t } = words;

/** Tells the person what newly needs them: one message at a time, and what comes meanwhile as one. */
export function openNewsDesk({ repositories, reviews, tell }: Face, face: FaceId): Disposable[] {
  let pending: News = noNews;
  let telling = false;
  /** A message cannot be taken back, and may be acted upon much later. */
  const ifStillTrue = (notice: Notice, { label, run }: Verb): Verb => ({
    label,
    run() {
      const settled = settledMeanwhile(notice, repositories.seen, words);
      if (settled === undefined) run();
      else tell.note(settled);
    },
  });
  const tellAll = async () => {
    if (telling) return;
    telling = true;
    try {
      for (;;) {
        const still = joinNews(pending, noNews, repositories.seen);
        pending = { ...still, review: still.review.filter((task) => !reviews.hasOpened(task)) };
        const notice = nextNotice(pending, repositories.seen, words);
        if (!notice) return;
        pending = { ...pending, [notice.kind]: [] };
        const verbs = verbsFor(notice).map((verb) => ifStillTrue(notice, verb));
        await tell.news(notice.kind, notice.message, verbs);
      }
    } finally {
      telling = false;
    }
  };
  const hear = ({ before, after }: Sight) => {
    if (!before) return;
    pending = joinNews(pending, newsBetween(before, after, face), repositories.seen);
    void tellAll();
  };
  return [repositories.onDidSee(hear)];
}

function verbsFor(notice: Notice): readonly Verb[] {
  return notice.kind === 'message' ? mailVerbs(notice.mail) : taskVerbs(notice.kind, notice.tasks);
}

function mailVerbs([first, ...others]: readonly Mail[]): readonly Verb[] {
  if (!first || others.length > 0)
    return [{ label: t('Show Inbox'), run: () => void commands.executeCommand('swarm.inbox.focus') }];
  const id = messageRowId(first.repo, first.message);
  const open = { label: t('Open'), run: () => void commands.executeCommand('swarm.openMessage', id) };
  if (first.message.from === 'swarm') return [open];
  return [{ label: t('Reply…'), run: () => void commands.executeCommand('swarm.reply', id) }, open];
}

type TaskNotice = Exclude<Notice, { kind: 'message' }>;

function taskVerbs(kind: TaskNotice['kind'], [first, ...others]: TaskNotice['tasks']): readonly Verb[] {
  const only = others.length === 0 ? first?.id : undefined;
  const run = (command: string) => () => void commands.executeCommand(command, only);
  const showTasks = { label: t('Show Tasks'), run: run('swarm.tasks.focus') };
  switch (kind) {
    case 'asking':
      return [{ label: t('Reveal Terminal'), run: run('swarm.revealTerminal') }];
    case 'review':
      return [{ label: t('Review'), run: run('swarm.reviewChanges') }];
    case 'failed':
      return only === undefined
        ? [showTasks]
        : [
            { label: t('Retry'), run: run('swarm.retryTask') },
            { label: t('Show Log'), run: run('swarm.showLog') },
          ];
    case 'refused':
      return only === undefined ? [showTasks] : [{ label: t('Merge Again'), run: run('swarm.mergeTask') }, showTasks];
  }
}
