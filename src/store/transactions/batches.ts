import type { Batch } from '../../core/model/batch.ts';
import type { BatchId } from '../../core/model/ids.ts';
import type { NewTask } from '../../core/store.ts';
import { batchOf } from '../rows.ts';
import { insertAll, none, row, type Tx } from '../transaction.ts';
import { append } from './events.ts';
import { next, type Scope } from './scope.ts';

/** See `Store.batch`. */
export function* readBatch({ q, repo }: Scope, id: BatchId): Tx<Batch | undefined> {
  const found = yield* row(q.selectFrom('batches').selectAll().where('repo', '=', repo).where('id', '=', id));
  return found && batchOf(found);
}

/** See `Store.addBatch`. */
export function* addBatch(
  scope: Scope,
  { batch, tasks, now }: { batch: Batch; tasks: readonly NewTask[]; now: number },
): Tx<void> {
  const { q, repo } = scope;
  if (batch.repo !== repo) throw new Error(`${batch.id} is a batch of ${batch.repo}, not of ${repo}`);
  const position = yield* next(scope, 'position', tasks.length + 1);
  yield* none(
    q.insertInto('batches').values({
      id: batch.id,
      repo,
      face: batch.face,
      mode: batch.mode,
      workers: batch.workers,
      review: batch.review,
      land: batch.land ? 1 : 0,
      check_command: batch.check ?? null,
      position,
      created_at: batch.createdAt,
    }),
  );
  yield* insertAll(
    (values) => q.insertInto('tasks').values(values),
    tasks.map((task, index) => ({
      id: task.id,
      repo,
      batch: batch.id,
      kind: 'change' as const,
      title: task.title,
      prompt: task.prompt,
      target: task.target,
      requested_base: task.requestedBase ?? null,
      branch: task.branch,
      options: JSON.stringify(task.options),
      attempts: 0,
      rounds: 0,
      cost_usd: 0,
      tokens: 0,
      turns: 0,
      state: 'queued' as const,
      position: position + 1 + index,
      created_at: now,
      updated_at: now,
    })),
  );
  yield* insertAll(
    (values) => q.insertInto('dependencies').values(values),
    tasks.flatMap((task) =>
      [...new Set(task.after)].map((before, index) => ({ task: task.id, waits_for: before, position: index })),
    ),
  );
  yield* append(
    scope,
    { kind: 'batch.created', at: now, batch: batch.id, text: `${tasks.length} tasks` },
    ...tasks.map((task) => ({
      kind: 'task.queued' as const,
      at: now,
      batch: batch.id,
      task: task.id,
      text: task.title,
    })),
  );
}
