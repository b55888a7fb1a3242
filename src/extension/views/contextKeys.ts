import { commands, type Disposable } from 'vscode';
import type { Readiness } from '../../claude/readiness.ts';
import { isLive } from '../../core/model/worker.ts';
import type { Face } from '../face.ts';
import type { WindowState } from '../repositories.ts';

/** What conditions in the manifest may ask. */
export interface ContextKeys {
  'swarm.state': WindowState;
  'swarm.claude': Readiness['state'] | 'unknown';
  'swarm.hasTasks': boolean;
  'swarm.hasWorkers': boolean;
  'swarm.hasApproved': boolean;
  'swarm.hasReviews': boolean;
  'swarm.hasClaims': boolean;
  /** Somebody else than the person holds something. */
  'swarm.hasOthersClaims': boolean;
  'swarm.hasUnread': boolean;
  /** The editor in front is a review that can be decided. */
  'swarm.reviewIsOpen': boolean;
  /** Documents in which tasks are being written down. */
  'swarm.taskDocuments': readonly string[];
}

/** Tells VS Code a key's value. */
export function setContext<Key extends keyof ContextKeys>(key: Key, value: ContextKeys[Key]): void {
  void commands.executeCommand('setContext', key, value);
}

/** Keeps the keys true; each is only sent when it has changed. */
export function keepContextKeys({ repositories, reviews }: Face): Disposable[] {
  const sent = new Map<string, unknown>();
  const send = <Key extends keyof ContextKeys>(key: Key, value: ContextKeys[Key]) => {
    if (sent.get(key) === value) return;
    sent.set(key, value);
    setContext(key, value);
  };
  const keep = () => {
    const tasks = repositories.seen.flatMap((seen) => seen.overview.tasks);
    const known = repositories.all.flatMap(({ gate }) => gate.latest ?? []);
    send('swarm.state', repositories.state);
    send('swarm.claude', (known.find((each) => each.state !== 'ready') ?? known[0])?.state ?? 'unknown');
    send('swarm.hasTasks', tasks.length > 0);
    send(
      'swarm.hasReviews',
      tasks.some((task) => task.state === 'in_review'),
    );
    send(
      'swarm.hasApproved',
      tasks.some((task) => task.state === 'approved'),
    );
    send(
      'swarm.hasWorkers',
      repositories.seen.some((seen) => seen.overview.workers.some(isLive)),
    );
    const holders = repositories.seen.flatMap(({ team }) => [...(team?.holdings.byHolder.keys() ?? [])]);
    send('swarm.hasClaims', holders.length > 0);
    send(
      'swarm.hasOthersClaims',
      holders.some((holder) => holder !== 'you'),
    );
    send(
      'swarm.hasUnread',
      repositories.seen.some(({ overview }) => overview.unread > 0),
    );
    const open = tasks.find((task) => task.id === reviews.active?.task);
    send('swarm.reviewIsOpen', open?.state === 'in_review');
  };
  return [repositories.onDidChange(keep), repositories.onDidSee(keep), reviews.onDidChange(keep)];
}
