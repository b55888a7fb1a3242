import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { systemClock } from '../../src/base/clock.ts';
import { type OpenSwarm, openSwarm, systemRandom } from '../../src/bridge/open.ts';
import { writeOwnSettings } from '../../src/bridge/ownSettings.ts';
import type { TaskId, WorkerId } from '../../src/core/model/ids.ts';
import { newId } from '../../src/core/model/ids.ts';
import type { Session, SessionEvent, SessionMode } from '../../src/core/model/session.ts';
import { type Task, type TaskState, taskStates } from '../../src/core/model/task.ts';
import type { Worker } from '../../src/core/model/worker.ts';
import type { PartialSettings } from '../../src/core/settings.ts';
import { openProcesses } from '../../src/process/identity.ts';
import { type Ran, type Sandbox, sandbox } from './model/sandbox.ts';
import type { Scenario } from './model/script.ts';
import { openTerminal, type Terminal } from './model/terminal.ts';
import { waitFor } from './waitFor.ts';

/** A worker in a terminal of its own. */
interface WorkerTerminal {
  readonly id: WorkerId;
  readonly terminal: Terminal;
  row(): Promise<Worker>;
  /** Waits until a text was printed so many times; white space does not count. */
  prints(text: string, times?: number): Promise<void>;
  /** What the worker itself has said in the terminal, and whatever of Node’s got there, oldest first. */
  said(): readonly string[];
}

/** A repository with a swarm that nobody coordinates, a real Claude Code with a scripted model, and workers in terminals. */
export interface TerminalWorld extends AsyncDisposable {
  readonly box: Sandbox;
  readonly opened: OpenSwarm;
  /** Writes the settings that the workers' face has; workers read them anew for each task. */
  set(settings: PartialSettings): Promise<void>;
  /** Queues a task of its own batch. */
  queue(prompt: string, mode?: SessionMode): Promise<TaskId>;
  /** Opens a terminal with a worker in it, as VS Code does. */
  open(env?: Readonly<Record<string, string>>): Promise<WorkerTerminal>;
  /** Runs the command line, as a person does. */
  swarm(...args: string[]): Promise<Ran>;
  task(id: TaskId): Promise<Task>;
  /** Waits until the task is in a state, in its `attempt`-th attempt at least. */
  reaches<State extends TaskState>(
    id: TaskId,
    state: State,
    attempt?: number,
  ): Promise<Task & { readonly state: State }>;
  /** The newest session of a task. */
  session(id: TaskId): Promise<Session>;
  /** The states that a task has come to, oldest first. */
  states(id: TaskId): Promise<readonly TaskState[]>;
  /** Waits until the sessions of a task have told of something so many times. */
  tells(id: TaskId, kind: SessionEvent['kind'], times?: number): Promise<void>;
  /** Waits until a command runs in a task's worktree. */
  runs(id: TaskId, command: string): Promise<void>;
  /** How many processes of a task's sessions were left running; they are ended. */
  leftovers(id: TaskId): Promise<number>;
}

/** Every sentence that a worker has, without white space, and the beginning of every complaint of Node’s. */
const words =
  /waitingforatask|preparingtheworktree|isreadyforreview|isapprovedbyitscheck|haschangednothing|failed:|isbackinthequeue|nowbelongsto|\(node:\d+\)|Node\.jsv/g;

const main = join(import.meta.dirname, '../../src/cli/main.ts');

/** Builds a world; disposing ends what runs in it. */
export async function terminalWorld(...script: readonly Scenario[]): Promise<TerminalWorld> {
  await using stack = new AsyncDisposableStack();
  const box = stack.use(await sandbox({ script }));
  const ownSettings = join(box.folder, 'own settings.json');
  const env = { ...box.home.env, SWARM_CLAUDE: box.home.binary, SWARM_CONFIG_DIR: join(box.folder, 'home', 'swarm') };
  const opened = stack.adopt(await openSwarm({ folder: box.repository, trusted: () => true }), (each) =>
    each.dispose(),
  );
  const { store, swarm, face } = opened;
  const processes = await openProcesses();
  const known = async <T>(what: string, found: Promise<T | undefined>): Promise<T> => {
    const value = await found;
    if (value === undefined) throw new Error(`there is no ${what}`);
    return value;
  };
  const task = (id: TaskId) => known(id, store.task(id));
  const disposables = stack.move();
  return {
    box,
    opened,
    task,
    set: (settings) => writeOwnSettings(ownSettings, settings),
    async queue(prompt, mode = 'interactive') {
      const asked = { target: 'main', workers: 1, mode, review: 'human', land: false } as const;
      const { tasks } = await swarm.fanOut({ ...asked, requests: [{ prompt }] });
      return (await known('task', Promise.resolve(tasks[0]))).id;
    },
    async open(others = {}) {
      const id = newId('worker', systemRandom);
      const launch = newId('launch', systemRandom);
      const { machine } = processes;
      const asked = await store.requestWorker({
        worker: id,
        launch,
        face,
        mode: 'interactive',
        machine,
        max: 9,
        now: systemClock.now(),
      });
      if ('refused' in asked) throw new Error(asked.refused);
      const terminal = disposables.use(
        await openTerminal({
          command: [process.execPath, main, 'worker', 'run', id, '--settings', ownSettings],
          cwd: box.repository,
          env: { ...env, ...others },
          folder: box.folder,
        }),
      );
      return {
        id,
        terminal,
        row: () => known(id, store.worker(id)),
        async prints(text, times = 1) {
          const packed = text.replace(/\s/g, '');
          await waitFor(`${text} in the terminal`, () => terminal.printed().split(packed).length > times);
        },
        said: () => terminal.printed().match(words) ?? [],
      };
    },
    async swarm(...args) {
      const child = spawn(process.execPath, [main, ...args], { cwd: box.repository, env, stdio: 'pipe' });
      child.stdin.end();
      const [stdout, stderr, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close'),
      ]);
      return { code, stdout, stderr };
    },
    reaches: async (id, state, attempt = 1) =>
      (await waitFor(`${id} to be ${state}`, async () => {
        const now = await task(id);
        return now.state === state && now.attempts >= attempt && now;
      })) as never,
    async session(id) {
      return known('session', Promise.resolve((await store.sessions(id)).at(-1)));
    },
    async states(id) {
      const kinds = (await store.eventsAfter(0, 1000, id)).map(({ kind }) => kind.replace(/^task\./, ''));
      return kinds.filter((kind) => (taskStates as readonly string[]).includes(kind)) as TaskState[];
    },
    async tells(id, kind, times = 1) {
      await waitFor(`session.${kind}`, async () => {
        const events = await store.eventsAfter(0, 1000, id);
        return events.filter((event) => event.kind === `session.${kind}`).length >= times;
      });
    },
    async runs(id, command) {
      await waitFor(`${command} to run`, async () => {
        const { worktree } = await task(id);
        const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,args=']);
        const pids = stdout.split('\n').flatMap((line) => {
          const [, pid, words] = /^ *(\d+) (.*)$/.exec(line) ?? [];
          return pid !== undefined && words === command ? [pid] : [];
        });
        const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
        return worktree !== undefined && folders.includes(worktree);
      });
    },
    async leftovers(id) {
      const { worktree } = await task(id);
      return processes.endLeftovers({
        ...(worktree === undefined ? {} : { folder: worktree }),
        sessions: await store.sessions(id),
      });
    },
    [Symbol.asyncDispose]: () => disposables.disposeAsync(),
  };
}
