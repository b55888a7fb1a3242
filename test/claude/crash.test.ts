import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { type OpenSwarm, openSwarm, systemRandom } from '../../src/bridge/open.ts';
import { Coordinator } from '../../src/core/flow/coordinate.ts';
import type { Session } from '../../src/core/model/session.ts';
import type { Task, TaskState } from '../../src/core/model/task.ts';
import { isLive } from '../../src/core/model/worker.ts';
import { childLauncher, landingLauncher } from '../../src/process/childLauncher.ts';
import { openProcesses } from '../../src/process/identity.ts';
import { kill, processesNaming } from '../support/crash/world.ts';
import { type Sandbox, type SandboxOptions, sandbox } from '../support/model/sandbox.ts';
import { bash, type Scenario, say, task, write } from '../support/model/script.ts';
import { waitFor } from '../support/waitFor.ts';

/** How long a coordinator lets a swarm do its work between two looks. */
const paceMs = 100;

const commit = bash('git add three.txt && git commit -m three');
/** What the session does when nobody interrupts it: the long command is the moment at which it is killed. */
const begin = task('begin here').turns(
  [write('one.txt', 'committed\n')],
  [bash('git add one.txt && git commit -m one')],
  [write('two.txt', 'not committed\n')],
  [bash('sleep 300')],
  [say('This is never reached.')],
);
const goOn = task('You were interrupted').turns([write('three.txt', 'written later\n')], [commit], [say('All done.')]);

/** A swarm with real sessions of a scripted model, coordinated by the test. */
interface Crash extends AsyncDisposable {
  readonly box: Sandbox;
  readonly opened: OpenSwarm;
  /** Queues the task and waits until its session runs the long command. */
  untilLongCommand(): Promise<Session>;
  /** Coordinates until the task has so many sessions. */
  untilSessions(count: number): Promise<unknown>;
  /** Coordinates until the task is in a state. */
  until(state: TaskState): Promise<Task>;
  task(): Promise<Task>;
  sessions(): Promise<readonly Session[]>;
  /** What was told on the task in one kind of event. */
  told(kind: string): Promise<readonly string[]>;
  /** Living processes of this world, found by its folder in their environment. */
  living(): Promise<readonly number[]>;
}

async function crash(script: readonly Scenario[], options: SandboxOptions = {}): Promise<Crash> {
  await using stack = new AsyncDisposableStack();
  const box = stack.use(await sandbox({ script, ...options }));
  const opened = stack.adopt(await openSwarm({ folder: box.repository, trusted: () => true }), (each) =>
    each.dispose(),
  );
  const { store, swarm } = opened;
  const env = { ...box.home.env, SWARM_CLAUDE: box.home.binary, SWARM_CONFIG_DIR: join(box.folder, 'home', 'swarm') };
  const program = {
    cli: join(import.meta.dirname, '../../src/cli/main.ts'),
    options: [],
    root: box.repository,
    logs: join(box.folder, 'process logs'),
    env,
  };
  const coordinator = new Coordinator({
    face: opened.face,
    store,
    git: opened.git,
    processes: await openProcesses(),
    workers: childLauncher(program),
    landings: landingLauncher(program),
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    settings: opened.settings,
  });
  const living = () => processesNaming(box.folder);
  stack.defer(async () => {
    for (const pid of await living()) kill(pid);
    await waitFor('everything to end', async () => (await living()).length === 0);
  });
  const { tasks } = await swarm.fanOut({
    requests: [{ prompt: 'begin here' }],
    target: 'main',
    workers: 1,
    mode: 'print',
    review: 'human',
    land: false,
    check: 'sleep 300',
  });
  const id = tasks[0]?.id;
  if (id === undefined) throw new Error('nothing was queued');
  const look = async (): Promise<Task> => {
    const found = await store.task(id);
    if (!found) throw new Error('the task is lost');
    return found;
  };
  const coordinated = async <T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> =>
    waitFor(what, async () => {
      await coordinator.round();
      const answer = await ask();
      if (answer === undefined || answer === false) await sleep(paceMs);
      return answer;
    });
  const told = async (kind: string) =>
    (await store.eventsAfter(0, 10_000, id)).filter((event) => event.kind === kind).map(({ text }) => text);
  const disposables = stack.move();
  return {
    box,
    opened,
    task: look,
    sessions: () => store.sessions(id),
    told,
    living,
    async untilLongCommand() {
      return coordinated('the long command', async () => {
        const [session] = await store.sessions(id);
        return (await sleepers(box.folder)).length > 0 && session;
      });
    },
    untilSessions: (count) => coordinated('another session', async () => (await store.sessions(id)).length === count),
    async until(state) {
      const reached = await coordinated(`the task to be ${state}`, async () => {
        const now = await look();
        if (now.state === 'failed') throw new Error(now.reason);
        return now.state === state && now;
      });
      for (const { id: worker } of (await store.overview()).workers.filter(isLive)) {
        await store.askWorkerToStop({ worker, now: Date.now() });
      }
      return reached;
    },
    [Symbol.asyncDispose]: () => disposables.disposeAsync(),
  };
}

/** The long commands of one world. */
async function sleepers(folder: string): Promise<readonly number[]> {
  const all = await processesNaming(folder);
  const lines = await Promise.all(all.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return all.filter((_, at) => lines[at]?.split('\0').join(' ') === 'sleep 300 ');
}

/** Everything that a session has made before it was killed, and what it made afterwards. */
async function filesOf({ box }: Crash, { head = '' }: Task): Promise<Readonly<Record<string, string>>> {
  const names = (await box.git('ls-tree', '--name-only', head)).trim().split('\n');
  const contents = await Promise.all(names.map((name) => box.git('show', `${head}:${name}`)));
  return Object.fromEntries(names.map((name, at) => [name, contents[at] ?? '']));
}

const whole = {
  'a.txt': 'one\n',
  'one.txt': 'committed\n',
  'two.txt': 'not committed\n',
  'three.txt': 'written later\n',
};

/** Which of the scripted prompts stand in a transcript. */
async function asked(transcript: string): Promise<readonly string[]> {
  const content = await readFile(transcript, 'utf8');
  return ['begin here', 'You were interrupted'].filter((prompt) => content.includes(prompt));
}

async function nothingIsLeft({ living, opened }: Crash): Promise<void> {
  await waitFor('everything to end', async () => (await living()).length === 0);
  expect(await opened.store.check()).toEqual([]);
}

test('a worker killed in the middle of a turn: its Claude and the command that runs are ended, the conversation goes on', async () => {
  await using world = await crash([goOn, begin]);
  const session = await world.untilLongCommand();
  const worker = await world.opened.store.worker(session.worker);
  kill(worker?.process?.pid ?? 0);
  const orphans = [session.process?.pid ?? 0, ...(await sleepers(world.box.folder))];
  await world.untilSessions(2);
  const living = await world.living();
  const left = orphans.filter((pid) => living.includes(pid));
  const done = await world.until('in_review');
  const [first, second] = await world.sessions();
  expect({
    files: await filesOf(world, done),
    same: first?.claudeSessionId === second?.claudeSessionId,
    prompts: world.box.model.conversations().at(-1)?.userTexts,
    orphans: orphans.length,
    left,
    transcripts: await Promise.all([first, second].map((each) => asked(`${each?.logs}/transcript.jsonl`))),
  }).toEqual({
    files: whole,
    same: true,
    // The sentence in the middle is Claude Code's own.
    prompts: ['begin here', expect.any(String), expect.stringContaining('You were interrupted')],
    orphans: 2,
    left: [],
    transcripts: [['begin here'], ['begin here', 'You were interrupted']],
  });
  await nothingIsLeft(world);
});

test('a Claude killed in the middle of a turn goes on where it was, and its command is ended', async () => {
  await using world = await crash([goOn, begin]);
  const session = await world.untilLongCommand();
  kill(session.process?.pid ?? 0);
  const done = await world.until('in_review');
  const [first, second] = await world.sessions();
  expect({
    files: await filesOf(world, done),
    same: first?.claudeSessionId === second?.claudeSessionId,
    ended: first?.exit,
    rounds: done.rounds,
  }).toEqual({ files: whole, same: true, ended: 'killed by SIGKILL', rounds: 1 });
  await nothingIsLeft(world);
});

test('a Claude killed while it tells of the end of its turn is asked again, with or without its memory', async () => {
  await using world = await crash([goOn, task('begin here').turns([write('one.txt', 'committed\n')], [say('Done.')])]);
  // A hook of the person's own, which answers only once Claude Code is dead.
  let kills = 0;
  const hooks = createServer(async (_, response) => {
    const session = (await world.sessions()).at(-1);
    if (kills++ === 0) kill(session?.process?.pid ?? 0);
    response.end('{}');
  });
  await once(hooks.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}`;
  const settings = { hooks: { Stop: [{ hooks: [{ type: 'http', url }] }] } };
  await writeFile(join(world.box.home.configFolder, 'settings.json'), JSON.stringify(settings));
  const done = await world.until('in_review');
  hooks.close();
  const [first, second] = await world.sessions();
  const anew = first?.claudeSessionId !== second?.claudeSessionId;
  const said = (await world.told('task.warned')).some((text) => text.includes('its conversation is gone'));
  const { 'one.txt': one, 'three.txt': three } = await filesOf(world, done);
  expect({ exit: first?.exit, said, one, three }).toEqual({
    exit: 'killed by SIGKILL',
    said: anew,
    one: 'committed\n',
    three: 'written later\n',
  });
  await nothingIsLeft(world);
});

test.each<[string, string, boolean]>([
  ['was not written down when it was killed', '{"type":"mode","mode":"normal"}\n', false],
  ['cannot be read by Claude Code any more', '{"type":"user"}\n', true],
])('a conversation that %s begins anew with what is in the worktree, and says so', async (_, transcript, isTried) => {
  await using world = await crash([goOn, begin]);
  const session = await world.untilLongCommand();
  kill(session.process?.pid ?? 0);
  const projects = join(world.box.home.configFolder, 'projects');
  for (const folder of await readdir(projects)) {
    const file = join(projects, folder, `${session.claudeSessionId}.jsonl`);
    await writeFile(file, transcript);
  }
  const done = await world.until('in_review');
  const sessions = await world.sessions();
  const ids = sessions.map(({ claudeSessionId }) => claudeSessionId === session.claudeSessionId);
  expect({
    files: await filesOf(world, done),
    ids,
    prompt: world.box.model.conversations().at(-1)?.prompt,
    said: (await world.told('task.warned')).filter((text) => text.includes('its conversation is gone')).length,
  }).toEqual({
    files: whole,
    ids: isTried ? [true, true, false] : [true, false],
    prompt: expect.stringMatching(/^begin here\n[\s\S]*This task was begun before[\s\S]*You were interrupted/),
    said: 1,
  });
  await nothingIsLeft(world);
});
