import { expect, test } from 'vitest';
import { reviewPolicies } from '../../../src/core/model/batch.ts';
import { claimModes, claimOrigins } from '../../../src/core/model/claim.ts';
import { contextCategories } from '../../../src/core/model/context.ts';
import { entryStates } from '../../../src/core/model/merge.ts';
import { messageKinds } from '../../../src/core/model/message.ts';
import { reviewStates } from '../../../src/core/model/review.ts';
import { endedStates, leasedStates, taskStates } from '../../../src/core/model/task.ts';
import { workerStates } from '../../../src/core/model/worker.ts';
import { migrations } from '../../../src/store/migrations/all.ts';
import { counterNames } from '../../../src/store/tables.ts';

/** The words of the checks of a table, in order: `column` and what it may be. */
function checksOf(table: string): readonly { column: string; words: readonly string[] }[] {
  const statements = migrations.flatMap((migration) => migration.statements);
  // A table whose checks have changed was made anew under another name.
  const renamed = statements.map((each) => new RegExp(`^alter table (\\w+) rename to ${table}$`).exec(each)?.[1]);
  const made = renamed.find((name) => name !== undefined) ?? table;
  const statement = statements.find((each) => each.startsWith(`create table ${made} `)) ?? '';
  const checks = statement.matchAll(/check \(+(\w+) in \(([^)]*)\)/g);
  return Array.from(checks, ([, column = '', words = '']) => ({
    column,
    words: Array.from(words.matchAll(/'([\w-]+)'/g), ([, word = '']) => word),
  }));
}

const domainOf = (table: string, column: string) => checksOf(table).find((check) => check.column === column)?.words;

test('the words of the tables are the words of the model', () => {
  expect({
    tasks: domainOf('tasks', 'state'),
    workers: domainOf('workers', 'state'),
    entries: domainOf('entries', 'state'),
    reviews: domainOf('reviews', 'state'),
    policies: domainOf('batches', 'review'),
    counters: domainOf('counters', 'name'),
    modes: domainOf('claims', 'mode'),
    origins: domainOf('claims', 'origin'),
    messages: domainOf('messages', 'kind'),
    categories: domainOf('context_entries', 'category'),
  }).toEqual({
    tasks: taskStates,
    workers: workerStates,
    entries: entryStates,
    reviews: reviewStates,
    policies: reviewPolicies,
    counters: counterNames,
    modes: claimModes.filter((mode) => mode !== 'off'),
    origins: claimOrigins,
    messages: messageKinds,
    categories: contextCategories,
  });
});

test('what the tables call leased and ended is what the model calls so', () => {
  const lists = checksOf('tasks').map((check) => check.words);
  expect(lists).toContainEqual(leasedStates);
  expect(lists).toContainEqual(endedStates.filter((state) => state !== 'merged'));
});
