import type { Compilable } from 'kysely';

/** One statement of a transaction: SQL and its parameters, made when it is its turn. */
export interface Statement {
  compile(): { readonly sql: string; readonly parameters: readonly unknown[] };
}

/**
 * A transaction: yields statements, receives their rows, returns its answer. It cannot await, so nothing foreign can happen
 * in the middle of it. All of it is committed, or (when it throws) nothing.
 */
export type Tx<R> = Generator<Statement, R, readonly unknown[]>;

/** The first row of a statement, if it has one. */
export function* row<O>(statement: Compilable<O>): Tx<O | undefined> {
  return ((yield statement) as readonly O[])[0];
}

/** All rows of a statement. */
export function* rows<O>(statement: Compilable<O>): Tx<readonly O[]> {
  return (yield statement) as readonly O[];
}

/** A statement whose rows nobody wants. */
export function* none(statement: Compilable<unknown>): Tx<void> {
  yield statement;
}

/** All rows of a statement written by hand, with `?` for parameters; for what must run without the query builder. */
export function* plain<O>(sql: string, ...parameters: readonly unknown[]): Tx<readonly O[]> {
  return (yield { compile: () => ({ sql, parameters }) }) as readonly O[];
}

/** Runs the same insert for many rows of the same columns, compiled once. */
export function* insertAll<Row extends Record<string, unknown>>(
  into: (row: Row) => Compilable<unknown>,
  values: readonly Row[],
): Tx<void> {
  const [first] = values;
  if (first === undefined) return;
  const { sql } = into(first).compile();
  const columns = Object.keys(first);
  for (const value of values) yield { compile: () => ({ sql, parameters: columns.map((column) => value[column]) }) };
}

/** Drives a transaction to its end in one go. */
export function drive<R>(tx: Tx<R>, execute: (statement: Statement) => readonly unknown[]): R {
  let step = tx.next([]);
  while (!step.done) step = tx.next(execute(step.value));
  return step.value;
}

/** Drives a transaction to its end where each statement has to be waited for. */
export async function driveAsync<R>(
  tx: Tx<R>,
  execute: (statement: Statement) => Promise<readonly unknown[]>,
): Promise<R> {
  let step = tx.next([]);
  while (!step.done) step = tx.next(await execute(step.value));
  return step.value;
}
