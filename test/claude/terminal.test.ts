import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openProcesses } from '../../src/process/identity.ts';
import { bash, say, task, write } from '../support/model/script.ts';
import { terminalWorld } from '../support/terminalWorld.ts';
import { waitFor } from '../support/waitFor.ts';

/** A command that Claude Code runs without asking. */
const endless = 'sleep 400';
const controlC = '\u0003';
const controlZ = '\u001a';

/** A turn that takes until the test says so. */
function thinking() {
  const thought = Promise.withResolvers<void>();
  return { finish: () => thought.resolve(), until: <T>(turn: T) => thought.promise.then(() => turn) };
}

/** What a session is told that goes on after it was cut off. */
const goOn = 'You were interrupted. Look at what is in the worktree, go on where you stopped and complete the task.';

/** Without what Claude Code says for itself when it resumes a conversation that was cut short. */
const own = (texts: readonly string[] = []) => texts.filter((text) => text !== 'Continue from where you left off.');

describe('a worker in a terminal', () => {
  test('hands a task over while Claude Code stays open, takes it back when the person types, and leaves merged work alone', async () => {
    await using world = await terminalWorld(
      task('Write the hours').turns(
        [write('hours.md', 'nine to five\n')],
        [bash('git add . && git commit -m "Write the hours"')],
        [say('The hours are written.')],
      ),
      task('And the holidays').turns([write('holidays.md', 'none\n')], [say('The holidays are written.')]),
      task('And the prices').turns([write('prices.md', 'high\n')], [say('The prices are not written.')]),
    );
    const worker = await world.open();
    await worker.prints('waiting for a task');
    const id = await world.queue('Write the hours');
    const first = await world.reaches(id, 'in_review');

    await worker.terminal.resize(30, 100);
    await waitFor('Claude Code to draw its lines as wide as the terminal', () =>
      /(?<!─)─{100}(?!─)/.test(worker.terminal.printed()),
    );

    await worker.terminal.type('And the holidays');
    const second = await world.reaches(id, 'in_review', 2);
    await worker.prints('The holidays are written.');
    expect(await world.swarm('review', 'approve', id)).toMatchObject({ code: 0 });
    expect(await world.swarm('merge', id, '--wait')).toMatchObject({ code: 0 });
    await worker.terminal.type('And the prices');
    await worker.prints('The prices are not written.');

    const { git } = world.box;
    const [conversation, ...others] = world.box.model.conversations();
    expect({
      states: await world.states(id),
      heads: new Set([first.base, first.head, second.head]).size,
      first: await git('diff', '--name-only', first.base, first.head),
      second: await git('diff', '--name-only', second.base, second.head),
      landed: await git('ls-tree', '--name-only', 'main'),
      left: await git('-C', first.worktree ?? '', 'status', '--porcelain'),
      refused: conversation?.toolResults.at(-1)?.text,
      others: others.length,
      session: (await world.session(id)).state,
      worker: (await worker.row()).state,
      said: worker.said(),
    }).toEqual({
      states: ['queued', 'leased', 'running', 'in_review', 'leased', 'running', 'in_review'].concat([
        'approved',
        'merging',
        'merged',
      ]),
      heads: 3,
      first: 'hours.md\n',
      second: 'holidays.md\nhours.md\n',
      landed: 'a.txt\nholidays.md\nhours.md\n',
      left: '',
      refused: expect.stringContaining('does not hold its task'),
      others: 0,
      session: 'open',
      worker: 'idle',
      said: ['waitingforatask', 'preparingtheworktree'],
    });
  });

  test('tells what its session waits for, and goes on when the person has answered', async () => {
    await using world = await terminalWorld(
      task('Touch it').turns([bash('touch asked.txt')], [bash(endless)]),
      task('Go on').turns([say('I have gone on.')]),
      task('Another').turns([write('another.md', '1\n')], [say('Another is written.')]),
    );
    const id = await world.queue('Touch it');
    const worker = await world.open();
    const asks = await world.reaches(id, 'waiting');
    await worker.prints('Do you want to proceed?');
    worker.terminal.press('1');
    await world.reaches(id, 'running');
    await world.runs(id, endless);

    worker.terminal.press(controlC);
    const interrupted = await world.reaches(id, 'waiting');
    worker.terminal.press(controlC);
    await worker.prints('Press Ctrl-C again to exit');
    await worker.terminal.type('Go on');
    await world.reaches(id, 'in_review');

    worker.terminal.press(controlC);
    worker.terminal.press(controlC);
    await worker.prints('waiting for a task');
    const ended = await world.session(id);
    const other = await world.queue('Another');
    await world.reaches(other, 'in_review');
    expect({
      asks: asks.waitingFor,
      interrupted: interrupted.waitingFor,
      states: await world.states(id),
      ended: [ended.state, ended.exit],
      leftovers: await world.leftovers(id),
      said: worker.said(),
    }).toEqual({
      asks: 'permission for Bash (touch asked.txt)',
      interrupted: 'interrupted',
      states: ['queued', 'leased', 'running', 'waiting', 'running', 'waiting', 'running', 'in_review'],
      ended: ['ended', 'exit 0'],
      leftovers: 0,
      said: ['preparingtheworktree', 'waitingforatask', 'preparingtheworktree'],
    });
  });

  test('lives on with Claude Code after Ctrl-Z, and renews its lease', async () => {
    const { finish, until } = thinking();
    await using world = await terminalWorld(
      task('Think').turns(() => until([write('thought.md', '1\n')]), [say('I have thought.')]),
      task('Still there?').turns([say('I am still there.')]),
    );
    await world.set({ 'workers.leaseSeconds': 5 });
    const id = await world.queue('Think');
    const worker = await world.open();
    await world.tells(id, 'prompted');
    worker.terminal.press(controlZ);
    await waitFor('Claude Code to be suspended and to draw its screen again', () =>
      worker.terminal.printed().split('hasbeensuspended')[1]?.includes('Think'),
    );
    const renewals = async () =>
      (await world.opened.store.situation()).leases.find(({ name }) => name === `task/${id}`)?.renewals ?? 0;
    const renewed = await renewals();
    await waitFor('the lease to be renewed', async () => (await renewals()) > renewed);
    const processes = await openProcesses();
    const stateOf = async (process = { machine: '', pid: 0, startTime: '' }) => processes.stateOf(process);
    const living = [await stateOf((await worker.row()).process), await stateOf((await world.session(id)).process)];
    finish();
    await world.reaches(id, 'in_review');
    await worker.terminal.type('Still there?');
    await world.reaches(id, 'in_review', 2);
    await worker.prints('I am still there.');
    expect({ living, said: worker.said() }).toEqual({
      living: ['living', 'living'],
      said: ['preparingtheworktree'],
    });
  });

  test('fails a task whose session was closed too early, goes on with its conversation when asked to, and minds no /exit afterwards', async () => {
    await using world = await terminalWorld(
      task('You were interrupted').turns([write('rest.md', '2\n')], [say('The rest is written.')]),
      task('Write all').turns([write('half.md', '1\n')], [bash(endless)]),
      task('Another').turns([write('another.md', '1\n')], [say('Another is written.')]),
    );
    const id = await world.queue('Write all');
    const worker = await world.open();
    await world.runs(id, endless);
    await worker.terminal.type('/exit');
    const failed = await world.reaches(id, 'failed');
    await worker.prints('waiting for a task');
    const kept = await readFile(join(failed.worktree ?? '', 'half.md'), 'utf8');
    const leftovers = await world.leftovers(id);

    expect(await world.swarm('task', 'retry', id)).toMatchObject({ code: 0 });
    const { head, base } = await world.reaches(id, 'in_review', 2);
    await worker.prints('The rest is written.');
    await worker.terminal.type('/exit');
    await worker.prints('waiting for a task', 2);
    const states = await world.states(id);
    await world.reaches(await world.queue('Another'), 'in_review');
    const sessions = await world.opened.store.sessions(id);
    expect({
      reason: failed.reason,
      kept,
      leftovers,
      states,
      head: await world.box.git('diff', '--name-only', base, head),
      conversations: new Set(sessions.map(({ claudeSessionId }) => claudeSessionId)).size,
      prompts: own(world.box.model.conversations()[0]?.userTexts),
      said: worker.said(),
    }).toEqual({
      reason: 'the session was closed before it was finished',
      kept: '1\n',
      leftovers: 0,
      states: ['queued', 'leased', 'running', 'failed', 'queued', 'leased', 'running', 'in_review'],
      head: 'half.md\nrest.md\n',
      conversations: 1,
      prompts: ['Write all', goOn],
      said: [
        'preparingtheworktree',
        'failed:',
        'waitingforatask',
        'preparingtheworktree',
        'waitingforatask',
        'preparingtheworktree',
      ],
    });
  });

  test('goes on with a task whose Claude Code was killed, and sets the terminal right', async () => {
    const { until } = thinking();
    await using world = await terminalWorld(
      task('You were interrupted').turns([write('rest.md', '2\n')], [say('The rest is written.')]),
      task('Write all').turns([say('I begin.'), write('half.md', '1\n')], () => until([say('Never.')])),
    );
    const id = await world.queue('Write all');
    const worker = await world.open();
    const kill = async () => process.kill((await world.session(id)).process?.pid ?? 0, 'SIGKILL');
    // What was said is known from the transcript, without which there is no conversation to go on with.
    await world.tells(id, 'text');
    await world.tells(id, 'batch_done');
    await kill();
    await world.reaches(id, 'in_review', 2);
    await worker.prints('The rest is written.');
    const raw = await worker.terminal.isCooked();
    await kill();
    await worker.prints('waiting for a task');
    const { claudeSessionId, exit } = await world.session(id);
    expect({
      states: await world.states(id),
      conversations: world.box.model.conversations().map(({ session, userTexts }) => [session, ...own(userTexts)]),
      exit,
      cooked: [raw, await worker.terminal.isCooked()],
      said: worker.said(),
    }).toEqual({
      states: ['queued', 'leased', 'running', 'queued', 'leased', 'running', 'in_review'],
      conversations: [[claudeSessionId, 'Write all', goOn]],
      exit: 'killed by SIGKILL',
      cooked: [false, true],
      said: ['preparingtheworktree', 'isbackinthequeue', 'preparingtheworktree', 'waitingforatask'],
    });
  });

  test('ends an open session when its slot is needed, resumes it when there is more to say, and follows it through /clear', async () => {
    const reviewed = (words: string) => `Your work on this task was reviewed. These changes are asked for:\n\n${words}`;
    await using world = await terminalWorld(
      task('Make it shorter').turns([write('shorter.md', '1\n')], [say('It is shorter.')]),
      task('Make it clearer').turns([write('clearer.md', '1\n')], [say('It is clearer.')]),
      task('Start over').turns([say('I have started over.')]),
      task('Write one').turns([write('one.md', '1\n')], [say('One is written.')]),
      task('Write two').turns([write('two.md', '2\n')], [say('Two is written.')]),
    );
    const one = await world.queue('Write one');
    const worker = await world.open();
    await world.reaches(one, 'in_review');
    const first = await world.session(one);
    const two = await world.queue('Write two');
    await world.reaches(two, 'in_review');
    const ended = await world.session(one);
    const processes = await openProcesses();
    const isGone = first.process !== undefined && processes.isDead(first.process);

    expect(await world.swarm('review', 'request-changes', one, '--note', 'Make it shorter')).toMatchObject({ code: 0 });
    await world.reaches(one, 'in_review', 2);
    const resumed = await world.session(one);
    await worker.terminal.type('/clear');
    await world.tells(one, 'cleared');
    await worker.terminal.type('Start over');
    await world.reaches(one, 'in_review', 3);
    const cleared = await world.session(one);
    expect(await world.swarm('review', 'request-changes', one, '--note', 'Make it clearer')).toMatchObject({ code: 0 });
    await world.reaches(one, 'in_review', 4);
    const last = await world.session(one);

    const conversations = world.box.model.conversations().map(({ session, userTexts }) => [session, ...own(userTexts)]);
    expect({
      ended: [ended.id === first.id, ended.state, ended.exit, isGone],
      sameAtFirst: resumed.claudeSessionId === first.claudeSessionId,
      sameSession: cleared.id === resumed.id,
      another: cleared.claudeSessionId !== first.claudeSessionId,
      sameAgain: last.id !== cleared.id && last.claudeSessionId === cleared.claudeSessionId,
      conversations,
      said: worker.said(),
    }).toEqual({
      ended: [true, 'ended', 'its slot was needed', true],
      sameAtFirst: true,
      sameSession: true,
      another: true,
      sameAgain: true,
      conversations: [
        [first.claudeSessionId, 'Write one', reviewed('Make it shorter')],
        [expect.any(String), 'Write two'],
        [cleared.claudeSessionId, 'Start over', reviewed('Make it clearer')],
      ],
      said: Array(4).fill('preparingtheworktree'),
    });
  });

  test('takes Claude Code along when its terminal is closed or it is asked to stop, and another worker goes on', async () => {
    let times = 0;
    await using world = await terminalWorld(
      task('You were interrupted').turns(
        () => [++times === 1 ? bash(endless) : write('rest.md', '2\n')],
        [say('The rest is written.')],
      ),
      task('Write all').turns([write('half.md', '1\n')], [bash(endless)]),
    );
    const processes = await openProcesses();
    const left = async (
      worker: Awaited<ReturnType<typeof world.open>>,
      process = { machine: '', pid: 0, startTime: '' },
    ) => {
      const { state, feedback } = await world.task(id);
      return {
        task: state,
        feedback,
        worker: (await worker.row()).state,
        claude: processes.isDead(process) ? 'gone' : 'living',
        leftovers: await world.leftovers(id),
      };
    };
    const quiet = {
      task: 'queued',
      feedback: { kind: 'interrupted', text: '' },
      worker: 'stopped',
      claude: 'gone',
      leftovers: 0,
    };
    const id = await world.queue('Write all');

    const first = await world.open();
    await world.runs(id, endless);
    const { process: one } = await world.session(id);
    await first.terminal[Symbol.asyncDispose]();
    expect(await left(first, one)).toEqual(quiet);

    const second = await world.open();
    await world.runs(id, endless);
    const { process: two } = await world.session(id);
    expect(await world.swarm('worker', 'stop', '--all')).toMatchObject({ code: 0 });
    expect(await second.terminal.exit).toBe(0);
    expect(await left(second, two)).toEqual(quiet);
    expect(second.said()).toEqual(['preparingtheworktree', 'isbackinthequeue']);

    await world.open();
    const { base, head } = await world.reaches(id, 'in_review', 3);
    const sessions = await world.opened.store.sessions(id);
    expect({
      files: await world.box.git('diff', '--name-only', base, head),
      conversations: new Set(sessions.map(({ claudeSessionId }) => claudeSessionId)).size,
      asked: world.box.model.conversations().length,
    }).toEqual({ files: 'half.md\nrest.md\n', conversations: 1, asked: 1 });
  });

  test('keeps API keys from Claude Code unless the person wants it to have them', async () => {
    const keys = { ANTHROPIC_API_KEY: 'sk-ant-a-key-of-the-person', ANTHROPIC_AUTH_TOKEN: 'a-token-of-the-person' };
    await using world = await terminalWorld(task('Look around').turns([bash('env')], [say('I have looked.')]));
    // So that Claude Code does not ask whether to use the key.
    const file = join(world.box.home.configFolder, '.claude.json');
    const approved = { customApiKeyResponses: { approved: [keys.ANTHROPIC_API_KEY.slice(-20)], rejected: [] } };
    await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...approved }));
    await world.set({ 'claude.allowedCommands': ['env'] });
    await world.open(keys);
    await world.reaches(await world.queue('Look around'), 'skipped');
    await world.set({ 'claude.allowedCommands': ['env'], 'claude.keepApiKey': true });
    await world.reaches(await world.queue('Look around again'), 'skipped');
    const seen = world.box.model.conversations().map(({ toolResults }) => {
      const lines = toolResults[0]?.text.split('\n') ?? [];
      return Object.entries(keys).map(([name, key]) => lines.includes(`${name}=${key}`));
    });
    expect(seen).toEqual([
      [false, false],
      [true, true],
    ]);
  });
});
