import { expect, test } from 'vitest';
import { AppError } from '../../../src/base/errors.ts';
import type { HandOverWorld, Held } from '../../../src/core/flow/handOver.ts';
import { handOver } from '../../../src/core/flow/handOver.ts';
import { placeTask } from '../../../src/core/flow/place.ts';
import type { Batch } from '../../../src/core/model/batch.ts';
import type { ClaimPath, RefusedClaim, WantedClaim } from '../../../src/core/model/claim.ts';
import type { ClaimId, TaskId } from '../../../src/core/model/ids.ts';
import type { Task } from '../../../src/core/model/task.ts';
import type { ChangedFile, Git } from '../../../src/core/ports.ts';
import { defaultSettings } from '../../../src/core/settings.ts';
import { batch, task } from './builders.ts';
import { fakeClock } from './fakeClock.ts';

interface Tree {
  readonly changes?: readonly string[];
  readonly head?: string;
  readonly unresolved?: boolean;
  /** Where the branch is, when not where the worktree is. */
  readonly branchTip?: string;
  readonly checkPasses?: boolean;
  /** What the task has changed. */
  readonly files?: readonly ChangedFile[];
  readonly violations?: readonly RefusedClaim[];
  /** What it was refused and still wants. */
  readonly wants?: readonly ClaimPath[];
  /** The base that the store has by now. */
  readonly pulled?: string;
  /** Where head and target part. */
  readonly met?: string;
}

interface Over {
  readonly batch?: Partial<Batch>;
  readonly task?: Partial<Task>;
  readonly commitLeftovers?: boolean;
}

/** Hands a task over in a scripted world; tells what came of it, what was committed and what else was told. */
async function end(tree: Tree, over: Over = {}) {
  const committed: string[] = [];
  const told: string[] = [];
  let head = tree.head ?? 'base';
  const git = {
    changes: async () => tree.changes ?? [],
    commitAll: async (_worktree: string, message: string) => {
      if (tree.unresolved) throw new AppError('conflicts_left', 'conflict markers are left in a.txt');
      if (tree.changes === undefined) return undefined;
      committed.push(message.split('\n')[0] ?? '');
      head = 'leftovers';
      return head;
    },
    head: async () => head,
    resolve: async (name: string) => (name === 'refs/heads/main' ? 'tip' : (tree.branchTip ?? head)),
    mergeBase: async () => tree.met,
    isAncestor: async (one: string, other: string) => one === 'base' && other === 'newer',
    diff: async (from: string, to: string) => {
      if (tree.files) told.push(`${from}..${to}`);
      return tree.files ?? [];
    },
  } as unknown as Git;
  const store = {
    task: async () => ({ base: tree.pulled ?? 'base' }),
    wants: async () => tree.wants ?? [],
    claimFound: async ({ paths }: { paths: readonly WantedClaim[] }) => {
      if (tree.files) told.push(`claimed ${paths.map(({ path, mode }) => `${path} (${mode})`).join(', ')}`);
      return { claimed: [], violations: tree.violations ?? [] };
    },
    warned: async ({ text }: { text: string }) => void told.push(text),
  } as unknown as HandOverWorld['store'];
  const checks = {
    run: async () => ({ passed: tree.checkPasses ?? true, tail: 'boom', log: '/log', summary: 'exit 1' }),
  };
  const held: Held = { task: task(over.task), batch: batch(over.batch), worktree: '/w', base: 'base', logs: '/logs' };
  const settings = {
    ...defaultSettings,
    'tasks.commitLeftovers': over.commitLeftovers ?? true,
    'claims.modes': { 'LOG.*': 'shared-append' },
  } as const;
  const world = { git, checks, store, clock: fakeClock(), random: (length: number) => new Uint8Array(length) };
  const outcome = await handOver(world, held, settings, new AbortController().signal);
  return { outcome, committed, ...(told.length === 0 ? {} : { told }) };
}

const none = { review: 'none', check: 'npm test' } as const;
const checkFailed = { kind: 'check_failed', text: '`npm test` ended with exit 1:\n\nboom' };

test.each<[string, ReturnType<typeof end>, unknown]>([
  [
    'commits go to review',
    end({ head: 'c1' }),
    { outcome: { kind: 'in_review', base: 'base', head: 'c1' }, committed: [] },
  ],
  ['nothing changed is no work to review', end({}), { outcome: { kind: 'no_changes' }, committed: [] }],
  [
    'work that is not on the task’s branch is not handed over as if it were',
    end({ head: 'c1', branchTip: 'base' }),
    {
      outcome: {
        kind: 'failed',
        reason: 'its work is not on its branch swarm/do-it-t1: the session has left it for c1',
      },
      committed: [],
    },
  ],
  [
    'what was left becomes a commit',
    end({ changes: ['a'] }),
    { outcome: { kind: 'in_review', base: 'base', head: 'leftovers' }, committed: ['Do it'] },
  ],
  [
    'by setting, leftovers are not committed and the task fails',
    end({ changes: ['a'] }, { commitLeftovers: false }),
    {
      outcome: { kind: 'failed', reason: 'the session left changes that are not committed; they are in its worktree' },
      committed: [],
    },
  ],
  [
    'conflict markers go back to the session',
    end({ changes: ['a'], unresolved: true }),
    {
      outcome: {
        kind: 'requeue',
        feedback: { kind: 'conflict', text: 'conflict markers are left in a.txt' },
        countsAsRound: true,
        outcome: 'failed',
      },
      committed: [],
    },
  ],
  [
    'conflict markers that stay fail the task once its rounds are used up',
    end({ changes: ['a'], unresolved: true }, { task: { rounds: 3 } }),
    { outcome: { kind: 'failed', reason: 'conflict markers are left in a.txt' }, committed: [] },
  ],
  [
    'without a reviewer a green check approves',
    end({ head: 'c1' }, { batch: none }),
    { outcome: { kind: 'approved', base: 'base', head: 'c1' }, committed: [] },
  ],
  [
    'without reviewer and check it is approved',
    end({ head: 'c1' }, { batch: { review: 'none' } }),
    { outcome: { kind: 'approved', base: 'base', head: 'c1' }, committed: [] },
  ],
  [
    'without a reviewer a red check goes back with its log',
    end({ head: 'c1', checkPasses: false }, { batch: none }),
    { outcome: { kind: 'requeue', feedback: checkFailed, countsAsRound: true, outcome: 'failed' }, committed: [] },
  ],
  [
    'a red check asks a person once the rounds are used up',
    end({ head: 'c1', checkPasses: false }, { batch: none, task: { rounds: 3 } }),
    { outcome: { kind: 'in_review', base: 'base', head: 'c1' }, committed: [] },
  ],
])('%s', async (_name, ended, expected) => {
  expect(await ended).toEqual(expected);
});

const violation: RefusedClaim = {
  wanted: { kind: 'file', path: 'taken.txt' },
  by: {
    id: 'c1' as ClaimId,
    kind: 'file',
    path: 'taken.txt',
    mode: 'exclusive',
    holder: 'you',
    origin: 'asked',
    claimedAt: 0,
    title: 'you',
  },
};

test('what was changed is claimed, and what should not have been is told to whoever reviews', async () => {
  const files: readonly ChangedFile[] = [
    { path: 'taken.txt', status: 'added', added: 1, removed: 0 },
    { path: 'src/new.ts', from: 'src/old.ts', status: 'renamed', added: 0, removed: 0 },
    { path: 'LOG.md', status: 'modified', added: 1, removed: 1 },
    { path: 'LOG.txt', status: 'modified', added: 1, removed: 0 },
  ];
  const options = { paths: ['src/', 'LOG.*'], forbidden: ['**/old.ts'] };
  expect(await end({ head: 'c1', files, violations: [violation] }, { task: { options } })).toEqual({
    outcome: { kind: 'in_review', base: 'base', head: 'c1' },
    committed: [],
    told: [
      'base..c1',
      'claimed taken.txt (exclusive), src/new.ts (exclusive), src/old.ts (exclusive), LOG.md (shared-append), LOG.txt (shared-append)',
      'changes taken.txt, claimed by the person, until it is released',
      'changes what it must not: src/old.ts',
      'changes more than added in: LOG.md',
      'changes files outside its declared paths: taken.txt',
    ],
  });
});

const foreign: readonly ChangedFile[] = [{ path: 'taken.txt', status: 'modified', added: 1, removed: 1 }];

test.each<[string, Parameters<typeof end>]>([
  ['that others hold', [{ head: 'c1', files: foreign, violations: [violation] }, { batch: { review: 'none' } }]],
  [
    'that it must not change',
    [
      { head: 'c1', files: foreign },
      { batch: none, task: { options: { forbidden: ['taken.*'] } } },
    ],
  ],
])('without a reviewer, changes to files %s wait for a person', async (_what, [tree, over]) => {
  expect((await end(tree, over)).outcome).toEqual({ kind: 'in_review', base: 'base', head: 'c1' });
});

test('work elsewhere than it declares is told, and approved by a green check all the same', async () => {
  const over = { batch: none, task: { options: { paths: ['src/'] } } };
  expect(await end({ head: 'c1', files: foreign }, over)).toMatchObject({
    outcome: { kind: 'approved' },
    told: expect.arrayContaining(['changes files outside its declared paths: taken.txt']),
  });
});

test('the review begins with what the session has taken in of its target by itself', async () => {
  const base = async (tree: Tree) => ((await end(tree)).outcome as { base?: string }).base;
  expect([
    await base({ head: 'c1', pulled: 'pulled' }),
    await base({ head: 'c1', met: 'newer' }),
    await base({ head: 'c1', met: 'elsewhere' }),
    await base({ head: 'c1', pulled: 'pulled', met: 'newer' }),
  ]).toEqual(['pulled', 'newer', 'base', 'pulled']);
  expect((await end({ head: 'c1', pulled: 'c1' })).outcome).toEqual({ kind: 'no_changes' });
});

const absent = ['gone', 'refs/heads/swarm/do-it-t1'];

/** Places a task in a repository of scripted commits; tells what git was asked and what was saved. */
async function place(
  given: Task,
  others: readonly Task[] = [],
  merged: readonly string[] = [],
  begun = false,
  asked: string[] = [],
) {
  let head = 'head';
  const git = {
    resolve: async (name: string) =>
      name === 'refs/heads/main' ? 'tip' : absent.includes(name) ? undefined : `commit of ${name}`,
    mergeBase: async (one: string, other: string) => `base of ${one} and ${other}`,
    isAncestor: async (commit: string) => merged.includes(commit),
    addWorktree: async (request: { branch: string; base: string; mine: boolean }) => {
      asked.push(`add ${request.branch} from ${request.base}${request.mine ? ' (mine)' : ''}`);
      return { created: true, carried: ['.env'] };
    },
    changes: async () => [],
    compose: async (onto: string, head: string) => {
      asked.push(`compose ${onto} with ${head}`);
      return head === 'clash' ? { kind: 'conflict', files: ['a.txt'] } : { kind: 'clean', commit: `${onto}+${head}` };
    },
    mergeIn: async (_worktree: string, commit: string) => {
      asked.push(`merge ${commit}`);
      head = `head+${commit}`;
      return commit === 'clash' ? 'conflict' : 'merged';
    },
    head: async () => head,
  } as unknown as Git;
  const world = {
    git,
    settings: defaultSettings,
    worktrees: '/r.worktrees/',
    begun,
    task: async (id: TaskId) => others.find((other) => other.id === id),
  };
  const placed = await placeTask(world, given, async (worktree, base) => void asked.push(`save ${worktree} ${base}`));
  return { ...placed, asked };
}

test('a new task starts at the tip of its target, saved before anything is made', async () => {
  expect(await place(task())).toEqual({
    worktree: '/r.worktrees/do-it-t1',
    base: 'tip',
    warnings: ['carried over: .env'],
    asked: ['save /r.worktrees/do-it-t1 tip', 'add swarm/do-it-t1 from tip'],
  });
});

test('a task with an own base starts there; one whose base is gone says so', async () => {
  expect((await place(task({ requestedBase: 'v1' }))).base).toBe('commit of v1');
  await expect(place(task({ requestedBase: 'gone' }))).rejects.toThrow('no commit or branch “gone” any more');
});

test('a branch that is there already is a stranger’s, unless the person named it to go on with', async () => {
  await expect(place(task({ branch: 'theirs' }))).rejects.toThrow('there is a branch theirs already');
  expect(await place(task({ branch: 'theirs', options: { continues: true } }))).toMatchObject({
    base: 'base of commit of refs/heads/theirs and tip',
    asked: [
      'save /r.worktrees/do-it-t1 base of commit of refs/heads/theirs and tip',
      'add theirs from base of commit of refs/heads/theirs and tip (mine)',
    ],
  });
});

test('a task that was begun before goes on in its own worktree, from its own base', async () => {
  const begun = task({ worktree: '/old', base: 'b0', head: 'h0' });
  expect((await place(begun, [], [], true)).asked).toEqual(['save /old b0', 'add swarm/do-it-t1 from b0 (mine)']);
  // Nothing was made of the base that was saved.
  expect((await place(begun)).asked).toEqual(['save /old tip', 'add swarm/do-it-t1 from tip (mine)']);
});

const reviewed = (id: string, head: string) => task({ id: id as TaskId, state: 'in_review', base: 'b', head });

test('a task stacked on unmerged work starts from its head; several are merged together', async () => {
  const after = ['a', 'b', 'c'] as TaskId[];
  const placed = await place(task({ after }), [reviewed('a', 'ha'), reviewed('b', 'hb'), reviewed('c', 'hc')], ['hb']);
  expect(placed).toMatchObject({
    base: 'ha+hc+tip',
    asked: [
      'compose ha with hc',
      'compose ha+hc with tip',
      'save /r.worktrees/do-it-t1 ha+hc+tip',
      'add swarm/do-it-t1 from ha+hc+tip',
    ],
  });
  const again = task({ after, worktree: '/old', base: 'ha+hc+tip' });
  expect(await place(again, [reviewed('a', 'ha'), reviewed('b', 'hb'), reviewed('c', 'hc')], [], true)).toMatchObject({
    base: 'ha+hc+tip',
    asked: ['save /old ha+hc+tip', 'add swarm/do-it-t1 from ha+hc+tip (mine)'],
  });
});

test('dependencies in conflict are told before anything is saved or made', async () => {
  const asked: string[] = [];
  const stacked = task({ after: ['a', 'd'] as TaskId[] });
  await expect(place(stacked, [reviewed('a', 'ha'), reviewed('d', 'clash')], [], false, asked)).rejects.toThrow(
    'its dependencies and main, in a.txt',
  );
  expect(asked).toEqual(['compose ha with clash']);
});

test('what it starts from and has not landed yet stays in its base when its target is brought in', async () => {
  const back = task({ worktree: '/old', base: 'stacked', feedback: { kind: 'files_free', text: 'a.txt' } });
  expect(await place(back, [], [], true)).toMatchObject({
    base: 'tip+stacked',
    asked: [
      'save /old stacked',
      'add swarm/do-it-t1 from stacked (mine)',
      'compose tip with stacked',
      'merge tip+stacked',
      'save /old tip+stacked',
    ],
  });
});

test('a task that was refused files waits for them with what it has: nothing is committed or judged', async () => {
  const wants = [{ kind: 'file', path: 'theirs.txt' }] as const;
  expect(await end({ head: 'c1', changes: ['a.txt'], wants })).toEqual({
    outcome: { kind: 'waits_for_files', files: ['theirs.txt'] },
    committed: [],
  });
});

test('a task that has the files it waited for finds the newest state of its target in its worktree', async () => {
  const back = task({ worktree: '/old', base: 'b0', feedback: { kind: 'files_free', text: 'a.txt' } });
  expect(await place(back, [], ['b0'], true)).toMatchObject({
    base: 'tip',
    asked: ['save /old b0', 'add swarm/do-it-t1 from b0 (mine)', 'merge tip', 'save /old tip'],
  });
});

test('what it has to be merged with is brought into the worktree, and the review starts from there', async () => {
  const back = task({ worktree: '/old', base: 'b0', feedback: { kind: 'conflict', text: 'x', mergeIn: 'clash' } });
  expect(await place(back, [], ['b0'], true)).toMatchObject({
    base: 'clash',
    asked: ['save /old b0', 'add swarm/do-it-t1 from b0 (mine)', 'merge clash', 'save /old clash'],
  });
  expect((await place(back, [], ['clash'], true)).asked).toEqual(['save /old b0', 'add swarm/do-it-t1 from b0 (mine)']);
});
