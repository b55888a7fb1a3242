import { keyOf } from '../../core/model/claim.ts';
import type { LandedFile } from '../../core/model/landing.ts';
import type { Party } from '../../core/model/party.ts';
import type { Task } from '../../core/model/task.ts';
import { plain, type Tx } from '../transaction.ts';
import { notify } from './messages.ts';
import { overlapping } from './overlapping.ts';
import { listed } from './release.ts';
import { next, type RepoScope } from './scope.ts';

/** Keeps which files a merged task has changed on its target, and tells those who have claimed them. Its own claims must have ended. */
export function* filesLanded(
  scope: RepoScope,
  args: { task: Pick<Task, 'id' | 'title' | 'target'>; commit: string; files: readonly string[]; now: number },
): Tx<void> {
  const { task, commit, now } = args;
  const files = [...new Set(args.files)];
  if (files.length === 0) return;
  const first = yield* next(scope, 'landing', files.length);
  const theirs = new Map<Party, { path: string }[]>();
  for (const [index, path] of files.entries()) {
    yield* plain(
      'insert into landings (repo, seq, target, path, key, landed, task, landed_at) values (?, ?, ?, ?, ?, ?, ?, ?)',
      scope.repo,
      first + index,
      task.target,
      path,
      keyOf(path),
      commit,
      task.id,
      now,
    );
    const holders = new Set((yield* overlapping(scope, { kind: 'file', path })).map(({ holder }) => holder));
    for (const holder of holders) theirs.set(holder, [...(theirs.get(holder) ?? []), { path }]);
  }
  for (const [holder, changed] of theirs) {
    const body = `“${task.title}” (task ${task.id}) has landed on ${task.target} as ${commit.slice(0, 10)} and changed ${listed(changed)}, which you have claimed. Look at it before you go on there.`;
    yield* notify(scope, holder, body, now);
  }
}

const select = `select l.seq, l.path, l.landed as "commit", l.task, t.title, l.landed_at as at
  from landings l join tasks t on t.id = l.task`;

/** See `TeamStore.landedOn`. */
export function* landedOn(
  { repo }: RepoScope,
  { target, paths }: { target: string; paths: readonly string[] },
): Tx<readonly LandedFile[]> {
  const found: LandedFile[] = [];
  for (const key of new Set(paths.map(keyOf))) {
    found.push(
      ...(yield* plain<LandedFile>(
        `${select} where l.repo = ? and l.target = ? and l.key = ? order by l.seq desc limit 1`,
        repo,
        target,
        key,
      )),
    );
  }
  return found;
}

/** See `TeamStore.lastLanding`. */
export function* lastLanding({ repo }: RepoScope, { target }: { target: string }): Tx<number> {
  const [last] = yield* plain<{ seq: number }>(
    'select coalesce(max(seq), 0) as seq from landings where repo = ? and target = ?',
    repo,
    target,
  );
  return Number(last?.seq ?? 0);
}

/** See `TeamStore.landedOnAfter`. */
export function* landedOnAfter(
  { repo }: RepoScope,
  { target, seq, most }: { target: string; seq: number; most: number },
): Tx<readonly LandedFile[]> {
  return yield* plain<LandedFile>(
    `${select} where l.repo = ? and l.target = ? and l.seq > ? order by l.seq limit ?`,
    repo,
    target,
    seq,
    most,
  );
}
