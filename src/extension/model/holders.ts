import type { Claim } from '../../core/model/claim.ts';
import type { Party } from '../../core/model/party.ts';
import { isGuest, isTask } from '../../core/model/party.ts';
import { isLeased } from '../../core/model/task.ts';
import type { Worker } from '../../core/model/worker.ts';
import type { Icon } from './row.ts';
import type { Seen } from './seen.ts';
import { workerOf } from './seen.ts';
import type { Words } from './words.ts';
import { workerColor, workerNumber } from './workerColor.ts';

/** Who holds something, as it can be shown. */
export interface Holder {
  readonly party: Party;
  /** The title of a task, the name of a guest, “You”. */
  readonly title: string;
  /** The worker that drives the task or has its session open. */
  readonly worker?: Worker;
  /** At most two characters: the end of the worker's number, `Y` for you, `?` for everybody else. */
  readonly badge: string;
  /** The worker's theme colour. */
  readonly color?: string;
  /** A session is at work behind it, which counts on what it holds. */
  readonly isWorking: boolean;
}

/** Who a party is now. */
export function holderOf(seen: Seen, { t }: Words, party: Party, title: string): Holder {
  if (party === 'you') return { party, title: t('You'), badge: 'Y', isWorking: false };
  const task = isTask(party) ? seen.tasks.get(party) : undefined;
  const worker = task && workerOf(seen, task);
  const common = {
    party,
    title: task?.title ?? title,
    isWorking: isGuest(party) || (task ? isLeased(task.state) : false),
  };
  if (!worker) return { ...common, badge: '?' };
  const badge = String(workerNumber(worker.name)).slice(-2);
  return { ...common, worker, badge, color: workerColor(worker.name) };
}

/** Who that is in a sentence: `worker 3 (“Opening hours”)`. */
export function holderName({ t }: Words, { party, title, worker }: Holder): string {
  if (party === 'you') return t('you');
  const named = isTask(party) ? t('“{0}”', title) : title;
  return worker ? `${worker.name} (${named})` : named;
}

/** The shortest name for people: that of the worker where there is one. */
export const shortName = ({ title, worker }: Holder): string => worker?.name ?? title;

/** Until when a holder's claims last. */
export function untilText(seen: Seen, { t }: Words, { party, worker, title }: Holder): string {
  if (party === 'you') return t('until you release it');
  if (isGuest(party)) return t('until {0} releases it or has left', title);
  const task = isTask(party) ? seen.tasks.get(party) : undefined;
  if (task && isLeased(task.state)) return t('while {0} works on it', worker?.name ?? t('its worker'));
  return t('until its work is merged or given up');
}

/** The icon of a holder; that of a worker has the colour that its files are marked with. */
export function holderIcon({ party, color }: Holder): Icon {
  if (party === 'you') return { name: 'account' };
  if (isGuest(party)) return { name: 'plug' };
  return color === undefined ? { name: 'circle-outline' } : { name: 'circle-filled', color };
}

/** How a file that is claimed is marked. */
export interface Mark {
  readonly badge: string;
  readonly color?: string;
  readonly tooltip: string;
}

const mostNamed = 3;

/** The mark of a file or folder of the repository; undefined where nobody holds it. */
export function markOf(seen: Seen, words: Words, path: string): Mark | undefined {
  const claims = seen.team?.holdings.index.on(path) ?? [];
  const holders = new Map<Party, Claim>();
  for (const claim of claims) if (!holders.has(claim.holder)) holders.set(claim.holder, claim);
  const [first, ...others] = [...holders.values()].map((claim) => ({
    claim,
    holder: holderOf(seen, words, claim.holder, claim.title),
  }));
  if (!first) return undefined;
  const lines = [first, ...others.slice(0, mostNamed - 1)].map(({ claim, holder }) =>
    [claimedBy(words, claim, holderName(words, holder)), untilText(seen, words, holder)].join(', '),
  );
  const left = others.length + 1 - lines.length;
  if (left > 0) lines.push(words.t('and by {0} more', left));
  const { badge, color } = first.holder;
  return { badge, tooltip: lines.join('\n'), ...(color === undefined ? {} : { color }) };
}

function claimedBy({ t }: Words, { kind, path }: Claim, who: string): string {
  switch (kind) {
    case 'file':
      return t('Claimed by {0}', who);
    case 'folder':
      return t('The folder {0} is claimed by {1}', path, who);
    case 'glob':
      return t('{0} is claimed by {1}', path, who);
  }
}

/** Changes with whatever the marks of a repository depend on besides its claims. */
export const holdersKey = (seen: Seen, words: Words): string =>
  [...(seen.team?.holdings.byHolder.values() ?? [])]
    .map(({ holder: party, title, version }) => {
      const holder = holderOf(seen, words, party, title);
      return [party, version, holder.badge, holderName(words, holder), untilText(seen, words, holder)].join('/');
    })
    .join('\n');
