import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { readHook } from '../../../src/claude/hooks.ts';
import { SessionGate } from '../../../src/claude/sessionGate.ts';
import { TaskTeam } from '../../../src/core/flow/sessionTeam.ts';
import { Teamwork } from '../../../src/core/flow/teamwork.ts';
import { claimPath } from '../../../src/core/model/claim.ts';
import type { TaskId } from '../../../src/core/model/ids.ts';
import type { Party } from '../../../src/core/model/party.ts';
import type { TaskOptions } from '../../../src/core/model/task.ts';
import type { Moment } from '../../../src/core/ports.ts';
import { mergeSettings, type PartialSettings } from '../../../src/core/settings.ts';
import { openStore } from '../../../src/store/open.ts';
import { tempRepo } from '../git/tempRepo.ts';
import { Stage } from '../store/stage.ts';

const bash: Moment = { kind: 'tools_done', touched: [], mayHaveChanged: true, byHelper: false };
const prompted: Moment = { kind: 'prompted' };
const stopping: Moment = { kind: 'stopping' };
const readFiles = (...touched: string[]): Moment => ({ ...bash, touched, mayHaveChanged: false });

/** Somebody else who writes into a store, and ends only when disposed. */
class Locked implements Disposable {
  readonly #database: Database.Database;
  constructor(file: string) {
    this.#database = new Database(file);
    this.#database.exec('begin immediate');
  }
  run(sql: string, values: readonly unknown[]): void {
    this.#database.prepare(sql).run(...values);
  }
  [Symbol.dispose](): void {
    if (this.#database.inTransaction) this.#database.exec('commit');
    this.#database.close();
  }
}

/** A real repository and a real store, with sessions that work on tasks in worktrees of their own. */
async function team(own: PartialSettings = {}) {
  await using stack = new AsyncDisposableStack();
  const repo = stack.use(await tempRepo({ 'a.txt': 'one\n', 'b.txt': 'one\n', 'docs/log.md': 'first\n' }));
  const store = stack.adopt(
    await openStore({ path: repo.beside('store.db'), repo: { root: repo.path, commonDir: repo.path } }),
    (each) => each.dispose(),
  );
  const stage = new Stage(store);
  const git = await repo.open();
  const settings = mergeSettings(own);
  const world = { store, git, clock: systemClock, random: randomBytes, log: silentLog };
  const modes = async () => settings['claims.modes'] as never;
  const session = async (title: string, options: TaskOptions = {}) => {
    const id = await stage.one({ title, options });
    const { task } = await stage.lease(await stage.worker());
    if (task.id !== id) throw new Error('another task was leased');
    const worktree = repo.beside(`my ${title}`);
    const base = (await git.resolve('refs/heads/main')) ?? '';
    await git.addWorktree({ path: worktree, branch: task.branch, base, mine: false, include: [] });
    await store.placed({ lease: task.lease, worktree, base, now: stage.at() });
    const team = new TaskTeam(world, task, { worktree, base }, settings);
    return {
      id,
      task,
      worktree,
      team,
      verbs: new Teamwork({ ...world, modes }, id),
      edit: (path: string, onlyAdds = false) =>
        team.mayWrite({ path, onlyAdds: async () => onlyAdds }).then((answer) => answer?.refused ?? 'written'),
      write: (files: Readonly<Record<string, string>>) =>
        Promise.all(Object.entries(files).map(([path, text]) => repo.write(path, text, worktree))),
      /** What it is told, when that is sent. */
      hears: async (moment: Moment, sent = true) => {
        const told = await team.news(moment);
        told?.done(sent);
        // Noting it takes a transaction.
        await store.overview();
        return told?.text.split('\n\n').slice(1).join('\n\n');
      },
      holds: async () => (await store.claims({ party: id })).map(({ path }) => path),
    };
  };
  /** What somebody has landed on main. */
  const land = async (by: TaskId, files: Readonly<Record<string, string>>) => {
    const commit = await repo.commit(files);
    using database = new Locked(repo.beside('store.db'));
    const last = await store.lastLanding({ target: 'main' });
    for (const [at, path] of Object.keys(files).entries()) {
      database.run(
        'insert into landings (repo, seq, target, path, key, landed, task, landed_at) values (?, ?, ?, ?, ?, ?, ?, 1)',
        [store.repo, last + 1 + at, 'main', path, path, commit, by],
      );
    }
    return commit;
  };
  const as = (party: Party) => new Teamwork({ ...world, modes }, party);
  const disposables = stack.move();
  return {
    repo,
    store,
    git,
    session,
    land,
    as,
    events: () => stage.told(),
    [Symbol.asyncDispose]: () => disposables.disposeAsync(),
  };
}

const file = (path: string) => claimPath('file', path) as never;

describe('before a file is written', () => {
  test('it is claimed for the task, and whoever comes second is told who holds it and what to do', async () => {
    await using world = await team();
    const [one, two] = [await world.session('One'), await world.session('Two')];
    expect([await one.edit('a.txt'), await one.edit('a.txt'), await two.edit('b.txt'), await one.holds()]).toEqual([
      'written',
      'written',
      'written',
      ['a.txt'],
    ]);
    const refused = await two.edit('a.txt');
    expect(refused).toMatch(
      new RegExp(
        `^a\\.txt is claimed by worker 1 \\(task ${one.id}, “One”\\), while it works, at least \\d+ s more\\. Do another part .*\`swarm message ${one.id} "…"\``,
      ),
    );
    await one.verbs.unclaim(undefined);
    expect([await two.hears(bash), await two.edit('a.txt'), await two.holds()]).toEqual([
      expect.stringContaining('> a.txt is free now'),
      'written',
      ['b.txt', 'a.txt'],
    ]);
  });

  test('what the task must not change is refused, and what it was not expected to change is reported once', async () => {
    await using world = await team();
    const one = await world.session('One', { paths: ['src/'], forbidden: ['docs/**'] });
    const written = [
      await one.edit('docs/log.md'),
      await one.edit('src/a.ts'),
      await one.edit('b.txt'),
      await one.edit('b.txt'),
    ];
    const warned = (await world.events()).filter((event) => event.startsWith('task.warned'));
    expect({ written, warned, told: [await one.hears(bash), await one.hears(bash)] }).toEqual({
      written: [
        expect.stringMatching(/^docs\/log\.md is among the files that this task must not change/),
        'written',
        'written',
        'written',
      ],
      warned: ['task.warned: changed files outside of what this task was declared to change: b.txt'],
      told: [expect.stringMatching(/^This session has changed files outside of what .*: b\.txt\./), undefined],
    });
  });

  test('modes hold: many may add to some files, others are shared with a word to both, and some are nobody’s', async () => {
    await using world = await team({
      'claims.modes': { 'docs/log.md': 'shared-append', 'b.txt': 'warn', 'gen/**': 'off' },
    });
    const [one, two] = [await world.session('One'), await world.session('Two')];
    expect({
      append: [
        await one.edit('docs/log.md', true),
        await two.edit('docs/log.md', true),
        await two.edit('docs/log.md', false),
      ],
      warn: [await one.edit('b.txt'), await two.edit('b.txt'), await two.edit('b.txt')],
      off: [await one.edit('gen/a.ts'), await two.edit('gen/a.ts')],
      holds: await one.holds(),
      told: [await one.hears(bash), await two.hears(bash)],
    }).toEqual({
      append: ['written', 'written', expect.stringContaining('what it holds must stay as it is')],
      warn: ['written', 'written', 'written'],
      off: ['written', 'written'],
      holds: ['docs/log.md', 'b.txt'],
      told: [
        expect.stringContaining(`> b.txt is now being changed by “Two” (task ${two.id}), too.`),
        expect.stringMatching(/^b\.txt is being changed by worker 1 \(task \w+, “One”\).*, too\./),
      ],
    });
  });

  test('one that was changed on the target since is refused once, until that has been taken in', async () => {
    await using world = await team();
    const [one, two] = [await world.session('One'), await world.session('Two')];
    const first = await world.land(one.id, { 'a.txt': 'landed\n' });
    const stopped = await two.edit('a.txt');
    const again = await two.edit('a.txt');
    await world.land(one.id, { 'a.txt': 'landed again\n', 'b.txt': 'landed\n' });
    const anew = await two.edit('a.txt');
    await world.repo.git(['merge', '--quiet', 'main'], two.worktree);
    const taken = await two.edit('b.txt');
    expect({ first: first.length, stopped, again, anew, taken }).toEqual({
      first: 40,
      stopped: `a.txt was changed on main by “One” (task ${one.id}), and this worktree does not have that change yet. \`swarm pull\` takes it in; read the file again then. To edit it as it is all the same, make the same edit once more.`,
      again: 'written',
      anew: stopped,
      taken: 'written',
    });
  });

  test('what cannot be a claim is not written', async () => {
    await using world = await team();
    const one = await world.session('One');
    expect([await one.edit('x\u202ecod.exe'), await one.edit('.git/config')]).toEqual([
      expect.stringContaining('has control characters'),
      expect.stringContaining('belongs to git'),
    ]);
  });
});

describe('what was changed by other means', () => {
  test('is claimed where it is free; the rest is told to the session, to its holder and to the person, once', async () => {
    await using world = await team();
    const [one, two] = [await world.session('One'), await world.session('Two')];
    await one.edit('a.txt');
    await two.write({ 'a.txt': 'two\n', 'new folder/free.txt': 'two\n' });
    await world.repo.git(['mv', 'b.txt', 'c.txt'], two.worktree);
    const told = [await two.hears(bash), await two.hears(bash)];
    expect({
      told,
      holds: (await two.holds()).sort(),
      holder: await one.hears(bash),
      events: (await world.events()).filter((event) => event.startsWith('claim.violated')).length,
    }).toEqual({
      told: [
        expect.stringMatching(
          /^a\.txt is claimed by worker 1 .*, and a command of this session has changed it\. Such a change cannot land/,
        ),
        undefined,
      ],
      holds: ['b.txt', 'c.txt', 'new folder/free.txt'],
      holder: expect.stringContaining('a.txt'),
      events: 1,
    });
  });

  test('becomes its own once whoever held it has released it', async () => {
    await using world = await team();
    const [one, two] = [await world.session('One'), await world.session('Two')];
    await one.edit('a.txt');
    await two.write({ 'a.txt': 'two\n' });
    await two.hears(bash);
    const before = await two.holds();
    await one.verbs.unclaim(undefined);
    await two.hears(bash);
    expect([before, await two.holds()]).toEqual([[], ['a.txt']]);
  });

  test('is found in commits, too, but not what came in from elsewhere', async () => {
    await using world = await team();
    const [one, two] = [await world.session('One'), await world.session('Two')];
    await world.land(one.id, { 'landed.txt': 'theirs\n', 'a.txt': 'theirs\n' });
    await world.as('you').claim([file('landed.txt')]);
    await two.write({ 'b.txt': 'mine\n' });
    await world.repo.git(['commit', '--quiet', '--all', '-m', 'mine'], two.worktree);
    await world.repo.git(['merge', '--quiet', '--no-edit', 'main'], two.worktree);
    expect({ told: await two.hears(bash), holds: await two.holds() }).toEqual({ told: undefined, holds: ['b.txt'] });
  });

  test('is claimed again by whoever goes on with the task, and what others hold meanwhile is told at the first prompt', async () => {
    await using world = await team();
    const [one, two] = [await world.session('One'), await world.session('Two')];
    await two.write({ 'a.txt': 'two\n', 'b.txt': 'two\n' });
    await one.edit('a.txt');
    await two.team.takeStock();
    expect({ holds: await two.holds(), told: await two.hears(prompted) }).toEqual({
      holds: ['b.txt'],
      told: expect.stringMatching(/^a\.txt is claimed by worker 1/),
    });
  });

  test('a helper hears of its own violations and of nothing else', async () => {
    await using world = await team();
    const [one, two] = [await world.session('One'), await world.session('Two')];
    await one.edit('a.txt');
    await one.verbs.message(two.id, 'for the session');
    await two.write({ 'a.txt': 'two\n' });
    expect([await two.hears({ ...(bash as object), byHelper: true } as Moment), await two.hears(bash)]).toEqual([
      expect.stringMatching(/^a\.txt is claimed by worker 1 [^>]*$/),
      expect.stringContaining('> for the session'),
    ]);
  });
});

describe('a commit', () => {
  test('of what others hold or of what the task must not change is refused, with the reason', async () => {
    await using world = await team();
    const [one, two] = [await world.session('One'), await world.session('Two', { forbidden: ['docs/'] })];
    await one.edit('a.txt');
    expect([
      await two.team.mayCommit(['b.txt', 'free.txt']),
      await two.team.mayCommit(['b.txt', 'a.txt']),
      await two.team.mayCommit(['docs/log.md']),
      await two.holds(),
    ]).toEqual([
      undefined,
      { refused: expect.stringMatching(/^a\.txt is claimed by worker 1 .* Take that out of the commit/) },
      { refused: expect.stringContaining('docs/log.md is among the files that this task must not change') },
      [],
    ]);
  });
});

describe('news', () => {
  test('are told once, when they were sent, and nothing is said when there is nothing', async () => {
    await using world = await team();
    const [one, two] = [await world.session('One'), await world.session('Two')];
    await one.verbs.message(two.id, 'hello\nthere');
    const lost = await two.hears(prompted, false);
    const unread = await world.store.unread(two.id);
    const told = await two.hears(bash);
    expect({
      same: lost === told,
      unread,
      told,
      after: [await two.hears(bash), await world.store.unread(two.id)],
    }).toEqual({
      same: true,
      unread: 1,
      told: expect.stringMatching(
        new RegExp(
          `^A message from task ${one.id} \\(“One”\\); \`swarm reply m\\w+ "…"\` answers it:\n> hello\n> there$`,
        ),
      ),
      after: [undefined, 0],
    });
  });

  test('are not told twice while the first answer is on its way', async () => {
    await using world = await team();
    const [one, two] = [await world.session('One'), await world.session('Two')];
    await one.verbs.message(two.id, 'hello');
    const [first, second] = [await two.team.news(bash), await two.team.news(bash)];
    expect([first?.text.includes('> hello'), second]).toEqual([true, undefined]);
  });

  test('keep a session from ending its turn, twice at most', async () => {
    await using world = await team();
    const [one, two] = [await world.session('One'), await world.session('Two')];
    const said = async (body: string) => {
      await one.verbs.message(two.id, body);
      return await two.hears(stopping);
    };
    expect([
      await two.hears(stopping),
      await said('1'),
      await said('2'),
      await said('3'),
      await two.hears(prompted),
      await said('4'),
    ]).toEqual([
      undefined,
      expect.stringContaining('> 1'),
      expect.stringContaining('> 2'),
      undefined,
      expect.stringContaining('> 3'),
      expect.stringContaining('> 4'),
    ]);
  });

  test('tell what has landed of the files that the session knows, once, and not of its own or of what it has', async () => {
    await using world = await team();
    const [one, two] = [await world.session('One'), await world.session('Two')];
    await world.land(one.id, { 'b.txt': 'before it was read\n' });
    expect(await two.hears(readFiles('a.txt', 'b.txt'))).toBe(
      `b.txt, which you have read or edited, was changed on main by “One” (task ${one.id}). \`swarm pull\` takes that in.`,
    );
    await world.land(one.id, { 'a.txt': 'landed\n', 'unknown.txt': 'x\n' });
    await world.land(two.id, { 'b.txt': 'its own\n' });
    const told = [await two.hears(readFiles()), await two.hears(readFiles('a.txt'))];
    expect(told).toEqual([
      expect.stringMatching(/^a\.txt, which you have read or edited, was changed on main by “One”[^\n]*$/),
      undefined,
    ]);
    await world.land(one.id, { 'a.txt': 'again\n' });
    await world.repo.git(['merge', '--quiet', 'main'], two.worktree);
    expect(await two.hears(readFiles())).toBeUndefined();
  });

  test('stay within their budget; the rest comes with the next ones', async () => {
    await using world = await team({ 'messages.tokenBudget': 200 });
    const [one, two] = [await world.session('One'), await world.session('Two')];
    for (const letter of ['a', 'b', 'c']) await one.verbs.message(two.id, letter.repeat(300));
    const texts: string[] = [];
    for (let told = await two.team.news(bash); told !== undefined; told = await two.team.news(bash))
      texts.push(told.text);
    expect({
      long: texts.filter((text) => text.length > 800 + 60),
      letters: texts.map((text) => ['a', 'b', 'c'].filter((each) => text.includes(each.repeat(300)))),
    }).toEqual({
      long: [],
      letters: [['a'], ['b'], ['c']],
    });
  });
});

test('while the store is locked, the gate lets nothing be written, and says so', { timeout: 20_000 }, async () => {
  await using world = await team();
  const one = await world.session('One');
  const gate = new SessionGate({ worktree: one.worktree, addDirs: [], check: undefined, team: one.team });
  const hook = readHook({
    hook_event_name: 'PreToolUse',
    session_id: 'x',
    cwd: one.worktree,
    permission_mode: 'default',
    tool_name: 'Write',
    tool_input: { file_path: `${one.worktree}/a.txt`, content: 'x' },
  });
  if (hook === undefined) throw new Error('no hook');
  using locked = new Locked(world.repo.beside('store.db'));
  const whileLocked = await gate.decide(hook);
  locked[Symbol.dispose]();
  const afterwards = await gate.decide(hook);
  expect([whileLocked, afterwards.decision]).toEqual([
    {
      decision: 'deny',
      reason: expect.stringMatching(/^Swarm could not find out whether another session holds a\.txt/),
    },
    'allow',
  ]);
});

test('a worktree that is gone is no news, but an error', async () => {
  await using world = await team();
  const one = await world.session('One');
  await rm(one.worktree, { recursive: true });
  await expect(one.team.news(bash)).rejects.toMatchObject({ code: 'folder_missing' });
});
