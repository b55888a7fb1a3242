import type { TaskId, WorkerId } from '../../core/model/ids.ts';
import { guestLeaseName, guestOfLease } from '../../core/model/lease.ts';
import type { Guest, Member, Party } from '../../core/model/party.ts';
import { isGuest, isTask, nameOf } from '../../core/model/party.ts';
import type { ProcessIdentity } from '../../core/model/process.ts';
import type { Refusal } from '../../core/model/review.ts';
import type { TaskState } from '../../core/model/task.ts';
import { endedStates, hasEnded } from '../../core/model/task.ts';
import { plain, type Tx } from '../transaction.ts';
import type { RepoScope } from './scope.ts';

const ended = endedStates.map((state) => `'${state}'`).join(', ');

/** How a party is called: the title of a task, the name of a guest, `you`. */
export function* titleOf({ repo }: RepoScope, party: Party | 'swarm'): Tx<string> {
  if (party === 'swarm') return 'Swarm';
  if (!isTask(party)) return nameOf(party);
  const [task] = yield* plain<{ title: string }>('select title from tasks where repo = ? and id = ?', repo, party);
  return task?.title ?? party;
}

/** Why a party cannot hold claims nor be written to; undefined when it can: you always, a task until it ends, a guest until it leaves. */
export function* absent({ repo }: RepoScope, party: Party, now: number): Tx<Refusal | undefined> {
  if (isTask(party)) {
    const [task] = yield* plain<{ title: string; state: TaskState }>(
      'select title, state from tasks where repo = ? and id = ?',
      repo,
      party,
    );
    if (task === undefined) return { refused: `there is no task ${party}` };
    return hasEnded(task.state) ? { refused: `“${task.title}” has ended (${task.state})` } : undefined;
  }
  if (!isGuest(party)) return undefined;
  const [here] = yield* plain(
    'select token from leases where repo = ? and name = ? and renewed_at + ms >= ?',
    repo,
    guestLeaseName(party),
    now,
  );
  return here === undefined ? { refused: `${nameOf(party)} is not here (any more)` } : undefined;
}

/** Guests that have been heard of, and until when each is taken to live. */
export function* guests({ repo }: RepoScope): Tx<readonly { readonly guest: Guest; readonly until: number }[]> {
  const leases = yield* plain<{ name: string; until: number }>(
    `select name, renewed_at + ms as until from leases where repo = ? and name like 'guest/%' order by name`,
    repo,
  );
  return leases.flatMap(({ name, until }) => {
    const guest = guestOfLease(name);
    return guest === undefined ? [] : [{ guest, until }];
  });
}

/** See `TeamStore.members`. */
export function* members(scope: RepoScope, { now }: { now: number }): Tx<readonly Member[]> {
  const tasks = yield* plain<{ id: TaskId; title: string; worker: WorkerId | null; name: string | null }>(
    `select t.id, t.title, w.id as worker, w.name from tasks t
     left join workers w on w.id = coalesce(t.worker, (select s.worker from sessions s
       where s.task = t.id and s.state = 'open' order by s.position desc limit 1))
     where t.repo = ? and t.state not in (${ended}) order by t.position`,
    scope.repo,
  );
  const here = (yield* guests(scope)).filter(({ until }) => until >= now);
  return [
    { party: 'you', title: 'you', isActive: true },
    ...tasks.map(({ id, title, worker, name }) => ({
      party: id,
      title,
      ...(worker === null || name === null ? {} : { worker: { id: worker, name } }),
      isActive: worker !== null,
    })),
    ...here.map(({ guest }) => ({ party: guest, title: nameOf(guest), isActive: true })),
  ];
}

/** See `TeamStore.taskOf`. */
export function* taskOfWorker({ repo }: RepoScope, worker: WorkerId): Tx<TaskId | undefined> {
  const [driven] = yield* plain<{ task: TaskId | null }>(
    'select task from workers where repo = ? and id = ?',
    repo,
    worker,
  );
  if (driven === undefined) return undefined;
  if (driven.task !== null) return driven.task;
  const [open] = yield* plain<{ task: TaskId }>(
    `select task from sessions where worker = ? and state = 'open' order by position desc limit 1`,
    worker,
  );
  return open?.task;
}

/** See `TeamStore.taskAt`. */
export function* taskAt({ repo }: RepoScope, worktree: string): Tx<TaskId | undefined> {
  const [task] = yield* plain<{ id: TaskId }>(
    'select id from tasks where repo = ? and worktree = ? order by position desc limit 1',
    repo,
    worktree,
  );
  return task?.id;
}

/** See `TeamStore.workerAmong`. */
export function* workerAmong(
  { repo }: RepoScope,
  processes: readonly ProcessIdentity[],
): Tx<{ readonly id: WorkerId; readonly name: string } | undefined> {
  for (const { machine, pid, startTime } of processes) {
    const [worker] = yield* plain<{ id: WorkerId; name: string }>(
      `select id, name from workers where repo = ? and pid = ? and machine = ? and start_time = ?
       order by position desc limit 1`,
      repo,
      pid,
      machine,
      startTime,
    );
    if (worker !== undefined) return worker;
  }
  return undefined;
}
