import { AppError } from '../base/errors.ts';
import type { RepoId } from '../core/model/ids.ts';
import type { Queries } from './queries.ts';
import type { RepoRow } from './tables.ts';
import { counterNames } from './tables.ts';
import { insertAll, none, plain, row, type Tx } from './transaction.ts';

/** A repository as the store finds it again. */
export interface RepoPlace {
  /** Top folder of its main worktree. */
  readonly root: string;
  /** The folder that all its worktrees share. */
  readonly commonDir: string;
}

/** Every repository of the store. */
export function* readRepos(): Tx<readonly RepoRow[]> {
  return yield* plain<RepoRow>('select * from repos order by created_at, id');
}

/** Which of the repositories `place` is; with no place, the only one. Undefined when it is new. Throws `repo_unknown`. */
export function findRepo(repos: readonly RepoRow[], commonDir: string | undefined): RepoId | undefined {
  if (commonDir !== undefined) return repos.find((repo) => repo.common_dir === commonDir)?.id;
  const [only, ...others] = repos;
  if (only !== undefined && others.length === 0) return only.id;
  throw new AppError(
    'repo_unknown',
    `the store holds ${repos.length} repositories, so it must be said which one is meant`,
    {
      hint: 'Run the command inside the repository.',
    },
  );
}

/** Adds a repository, or notes where one is now that was moved. Returns its id. */
export function* saveRepo(q: Queries, args: { id: RepoId; place: RepoPlace; now: number }): Tx<RepoId> {
  const { id, place, now } = args;
  const saved = yield* row(
    q
      .insertInto('repos')
      .values({ id, root: place.root, common_dir: place.commonDir, created_at: now })
      .onConflict((same) => same.column('common_dir').doUpdateSet({ root: place.root }))
      .returning('id'),
  );
  if (saved === undefined) throw new Error(`${id} was not stored`);
  yield* insertAll(
    (values) =>
      q
        .insertInto('counters')
        .values(values)
        .onConflict((same) => same.doNothing()),
    counterNames.map((name) => ({ repo: saved.id, name, value: 0 })),
  );
  return saved.id;
}

/** Notes where a repository is after its folder was moved. */
export function* moveRepo(q: Queries, args: { id: RepoId; place: RepoPlace }): Tx<void> {
  const { root, commonDir } = args.place;
  yield* none(q.updateTable('repos').set({ root, common_dir: commonDir }).where('id', '=', args.id));
}
