import { expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import type { MergeWorld, PreviewWorld } from '../../../src/core/flow/merge.ts';
import { land, previewMerge } from '../../../src/core/flow/merge.ts';
import type { Claim, RefusedClaim, WantedClaim } from '../../../src/core/model/claim.ts';
import type { ClaimId, EntryId, TaskId } from '../../../src/core/model/ids.ts';
import type { MergeEntry } from '../../../src/core/model/merge.ts';
import type { ChangedFile, Composed, Git, Leftovers } from '../../../src/core/ports.ts';
import { defaultSettings } from '../../../src/core/settings.ts';
import { batch, task } from './builders.ts';

interface Given {
  readonly entry?: Partial<MergeEntry>;
  readonly branchTip?: string;
  readonly targetGone?: boolean;
  readonly already?: string;
  readonly composed?: Composed;
  readonly check?: boolean;
  readonly land?: readonly ('landed' | 'moved' | 'refused')[];
  readonly leftover?: string;
  readonly held?: boolean;
  readonly stale?: 'landingStarted' | 'landed';
  /** What the store says, time after time, of who holds the files that are to land. */
  readonly audits?: readonly (readonly RefusedClaim[])[];
}

const landedAt = (landed: string) => ({ kind: 'merged', landed, files: ['a.txt', 'new.txt', 'old.txt', 'theirs.txt'] });

/** What landing changes on the target: own work, and what came with it that is others' and not there yet. */
const onTarget: readonly ChangedFile[] = [
  { path: 'a.txt', status: 'modified' },
  { path: 'new.txt', from: 'old.txt', status: 'renamed' },
  { path: 'theirs.txt', status: 'added' },
];
/** What the task itself has changed; the first is on the target already. */
const own: readonly ChangedFile[] = [
  { path: 'old.txt', status: 'deleted' },
  { path: 'a.txt', status: 'modified' },
  { path: 'new.txt', status: 'added' },
];

const theirs: Claim = {
  id: 'c1' as ClaimId,
  kind: 'folder',
  path: 'src/deep ones',
  mode: 'exclusive',
  holder: 't2' as TaskId,
  origin: 'written',
  claimedAt: 0,
  title: 'Other work',
  task: 't2' as TaskId,
};
const heldBy = (by: Claim, path = 'a.txt'): RefusedClaim => ({ wanted: { kind: 'file', path }, by });

/** Lands one entry in a scripted world; tells what it answered, what was stored and what git was asked. */
async function landing(given: Given) {
  const told: unknown[] = [];
  const lands = [...(given.land ?? ['landed'])];
  let tips = 0;
  const audits = [...(given.audits ?? [])];
  const entry = {
    id: 'e1' as EntryId,
    task: 't1' as TaskId,
    target: 'main',
    head: 'h',
    state: 'queued',
    position: 1,
    createdAt: 0,
    ...given.entry,
  };
  const git = {
    resolve: async (name: string) => {
      if (name === 'refs/heads/main') return given.targetGone ? undefined : `tip${++tips}`;
      return given.branchTip ?? 'h';
    },
    landedBy: async () => given.already,
    diff: async (from: string) => (from === 'b' ? own : onTarget),
    compose: async (onto: string) => given.composed ?? { kind: 'clean', commit: `${onto}+h` },
    inScratch: async (commit: string, _include: unknown, body: (folder: string) => Promise<unknown>) =>
      body(`/scratch/${commit}`),
    sweepScratch: async (before: (folder: string) => Promise<unknown>) => {
      if (given.leftover !== undefined) await before(given.leftover);
    },
    land: async (_target: string, from: string, to: string) => {
      told.push(`${from} → ${to}`);
      const kind = lands.shift() ?? 'landed';
      return kind === 'refused' ? { kind, reason: 'your checkout has changes in a.txt' } : { kind };
    },
    thinSnapshots: async () => void told.push('thinned'),
  } as unknown as Git;
  const world = {
    git,
    checks: {
      run: async (_c: string, folder: string) => ({
        passed: given.check ?? true,
        tail: 'boom',
        log: '/log',
        summary: `exit 1 in ${folder}`,
      }),
    },
    store: {
      entry: async () => entry,
      task: async () => task({ state: 'merging', base: 'b', head: 'h', entry: entry.id }),
      batch: async () => batch(given.check === undefined ? {} : { check: 'npm test' }),
      takeLease: async () => (given.held ? 'held' : { name: 'target/main', token: 7, renewals: 0, ms: 1, owner: {} }),
      renewLease: async () => 'renewed',
      audit: async ({ paths }: { paths: readonly WantedClaim[] }) => {
        if (given.audits) told.push(`audit ${paths.map(({ path, mode }) => `${path} (${mode})`).join(', ')}`);
        return audits.shift() ?? [];
      },
      dropLease: async () => void told.push('dropped'),
      landingStarted: async () => (given.stale === 'landingStarted' ? 'lost' : 'saved'),
      landed: async (args: { landing: unknown; token: number }) => {
        told.push(args.landing);
        return given.stale === 'landed' ? 'lost' : 'saved';
      },
    },
    processes: { self: {}, endLeftovers: async ({ folder }: Leftovers) => void told.push(`ended in ${folder}`) },
    clock: systemClock,
    random: (length: number) => new Uint8Array(length),
    settings: { ...defaultSettings, 'claims.modes': { 'old.*': 'warn' } },
    checkLog: () => '/log',
  } as unknown as MergeWorld;
  return { answer: await land(world, entry.id, new AbortController().signal), told };
}

const clash: Composed = { kind: 'conflict', files: ['a.txt'], hunks: '<<<' };

test.each<[string, Given, unknown]>([
  ['a clean merge lands', {}, { answer: 'merged', told: ['tip1 → tip1+h', landedAt('tip1+h'), 'thinned', 'dropped'] }],
  [
    'what a landing that died has left running is ended first',
    { leftover: '/scratch/1' },
    {
      answer: 'merged',
      told: ['ended in /scratch/1', 'tip1 → tip1+h', landedAt('tip1+h'), 'thinned', 'dropped'],
    },
  ],
  [
    'a target that moved meanwhile is merged with anew',
    { land: ['moved', 'landed'] },
    {
      answer: 'merged',
      told: ['tip1 → tip1+h', 'tip2 → tip2+h', landedAt('tip2+h'), 'thinned', 'dropped'],
    },
  ],
  [
    'what has landed before is not landed again',
    { already: 'm' },
    {
      answer: 'merged',
      told: [{ kind: 'merged', landed: 'm', files: ['old.txt', 'a.txt', 'new.txt'] }, 'thinned', 'dropped'],
    },
  ],
  [
    'a conflict goes back with its hunks and what to merge',
    { composed: clash },
    {
      answer: 'conflict',
      told: [
        {
          kind: 'conflict',
          reason: 'conflicts with main in a.txt',
          feedback: { kind: 'conflict', text: 'conflicts with main in a.txt\n\n<<<', mergeIn: 'tip1' },
          maxRounds: 3,
        },
        'dropped',
      ],
    },
  ],
  [
    'a green check on the merged tree lets it land',
    { check: true },
    {
      answer: 'merged',
      told: ['tip1 → tip1+h', landedAt('tip1+h'), 'thinned', 'dropped'],
    },
  ],
  [
    'a red check goes back with its log',
    { check: false },
    {
      answer: 'check_failed',
      told: [
        {
          kind: 'check_failed',
          reason: '`npm test` ended with exit 1 in /scratch/tip1+h',
          log: '/log',
          feedback: {
            kind: 'check_failed',
            text: '`npm test` ended with exit 1 in /scratch/tip1+h:\n\nboom',
            mergeIn: 'tip1',
          },
          maxRounds: 3,
        },
        'dropped',
      ],
    },
  ],
  [
    'a checkout that stands in the way refuses it',
    { land: ['refused'] },
    {
      answer: 'refused',
      told: ['tip1 → tip1+h', { kind: 'refused', reason: 'your checkout has changes in a.txt' }, 'dropped'],
    },
  ],
  [
    'work in a file that another holds is refused, and how to go on is said',
    { audits: [[heldBy(theirs), heldBy(theirs, 'new.txt')]], check: true },
    {
      answer: 'refused',
      told: [
        'audit a.txt (exclusive), new.txt (exclusive), old.txt (warn)',
        {
          kind: 'refused',
          reason:
            "a.txt is claimed by task t2 (“Other work”), until its work is merged or given up (and 1 more file). Merge that task first, or release it: `swarm unclaim 'src/deep ones/' --of t2`.",
        },
        'dropped',
      ],
    },
  ],
  [
    'a file that is claimed while the check runs is not landed either',
    { audits: [[], [heldBy({ ...theirs, holder: 'you', title: 'you', path: 'a.txt', kind: 'file' })]], check: true },
    {
      answer: 'refused',
      told: [
        'audit a.txt (exclusive), new.txt (exclusive), old.txt (warn)',
        'audit a.txt (exclusive), new.txt (exclusive), old.txt (warn)',
        expect.objectContaining({ kind: 'refused' }),
        'dropped',
      ],
    },
  ],
  [
    'a branch with commits that nobody approved is not landed',
    { branchTip: 'h2' },
    {
      answer: 'moved',
      told: [
        { kind: 'moved', reason: 'swarm/do-it-t1 has commits that nobody approved', base: 'b', head: 'h2' },
        'dropped',
      ],
    },
  ],
  [
    'a target that is gone refuses it',
    { targetGone: true },
    { answer: 'refused', told: [{ kind: 'refused', reason: 'the branch main is gone' }, 'dropped'] },
  ],
  ['another process lands on that target', { held: true }, { answer: 'held', told: [] }],
  ['an entry that has ended is left alone', { entry: { state: 'merged' } }, { answer: 'gone', told: [] }],
  [
    'a landing whose lease was taken over does nothing',
    { stale: 'landingStarted' },
    { answer: 'lost', told: ['dropped'] },
  ],
])('%s', async (_name, given, expected) => {
  expect(await landing(given)).toEqual(expected);
});

test('a preview says what would happen and lands nothing', async () => {
  const world = (composed: Composed, inTarget = false, held: readonly RefusedClaim[] = []): PreviewWorld => ({
    git: {
      resolve: async () => 'tip',
      isAncestor: async () => inTarget,
      compose: async () => composed,
      diff: async () => own,
    } as unknown as Git,
    store: { audit: async () => held },
    clock: systemClock,
    settings: defaultSettings,
  });
  const clean: Composed = { kind: 'clean', commit: 'm' };
  const taken = world(clean, false, [heldBy(theirs)]);
  expect([
    await previewMerge(world(clean), task(), 'h'),
    await previewMerge(world(clash), task(), 'h'),
    await previewMerge(world(clean, true), task(), 'h'),
    await previewMerge(taken, task(), 'h'),
    // Whoever lands before holds it no more.
    await previewMerge(taken, task(), 'h', { tip: 'later', tasks: new Set(['t2' as TaskId]) }),
  ]).toEqual([
    { kind: 'clean', files: 3, commit: 'm' },
    { kind: 'conflict', files: ['a.txt'] },
    { kind: 'already_merged' },
    { kind: 'held_back', reason: expect.stringContaining('a.txt is claimed by task t2') },
    { kind: 'clean', files: 3, commit: 'm' },
  ]);
});
