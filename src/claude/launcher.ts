import { type ChildProcess, spawn } from 'node:child_process';
import { access, appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { AppError, messageOf } from '../base/errors.ts';
import { type Disposable, DisposableStore } from '../base/lifecycle.ts';
import type { Log } from '../base/log.ts';
import type { ProcessIdentity } from '../core/model/process.ts';
import type { Session, SessionEvent, SessionMode } from '../core/model/session.ts';
import type { RunningSession, SessionLauncher, SessionRequest } from '../core/ports.ts';
import { findClaude } from './binary.ts';
import { commandLine, realMode } from './commandLine.ts';
import { answerCommit } from './commitDoor.ts';
import { hasConversation } from './conversations.ts';
import { sessionEnvironment } from './environment.ts';
import { EventQueue } from './eventQueue.ts';
import type { Exit, Feed, Sink } from './feed.ts';
import { keepsHookList } from './hookAllowList.ts';
import { HookDesk, type WhenSent } from './hookDesk.ts';
import { InteractiveFeed } from './interactiveFeed.ts';
import { PrintFeed } from './printFeed.ts';
import { ProgressEar } from './progressEar.ts';
import { decisionsIn } from './projectServers.ts';
import { givePrompt } from './prompt.ts';
import { resolvePath } from './resolvePath.ts';
import { SessionGate } from './sessionGate.ts';
import { SessionLog } from './sessionLog.ts';
import { writePrograms } from './sessionPrograms.ts';
import { ownServer, sessionSettings, tokenVariable } from './settingsFile.ts';
import { lendTerminal } from './terminal.ts';
import { UnenforcedWatch } from './unenforced.ts';

type Answer = (body: unknown, gone: AbortSignal, whenSent: WhenSent, headers: IncomingHttpHeaders) => unknown;
type Route = Answer | { readonly answer: Answer; readonly maximumBytes: number };

/** What the launcher needs of the worker it works for. */
export interface ClaudeHost {
  /** The worker's endpoint on loopback: each door has a token of its own. */
  readonly endpoint: {
    readonly url: string;
    openDoor(routes: Readonly<Record<string, Route>>): Disposable & { readonly token: string };
  };
  /** Where the tools of a session answer, by which it speaks with the others. */
  tools(session: Pick<SessionRequest, 'task' | 'worktree' | 'settings'>): Route;
  readonly worker: string;
  /** The file of our command line and the store it is to use: what a session runs as `swarm`. */
  readonly swarm: { readonly cli: string; readonly store: string };
  /** Top folder of the main checkout, where the person has decided about the repository's servers. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly processes: {
    identityOf(pid: number): Promise<ProcessIdentity | undefined>;
    /** Ends a process by `signal`, and after `graceMs` kills it with all it has started. */
    end(identity: ProcessIdentity, graceMs: number, signal: NodeJS.Signals): Promise<void>;
  };
  readonly clock: Clock;
  readonly log: Log;
}

/** Starts real Claude Code sessions. Edits are granted from the start, as only the holder of a task launches. */
export function claudeLauncher(host: ClaudeHost): SessionLauncher {
  return {
    launch: (request, signal) => launch(host, request, signal),
    canResume: (claudeSessionId) => hasConversation(claudeSessionId, host.env),
    keepTranscript: (session) => keepTranscript(session, host.log),
  };
}

async function launch(host: ClaudeHost, request: SessionRequest, signal: AbortSignal): Promise<RunningSession> {
  const { settings, mode, logs } = request;
  const program = await findClaude({ setting: settings['claude.path'], env: host.env });
  signal.throwIfAborted();
  const log = await SessionLog.open(logs, host.clock, host.log);
  const using = new DisposableStore();
  try {
    const events = new EventQueue<SessionEvent>();
    const ear = new ProgressEar();
    const sink: Sink = {
      event: (event) => {
        for (const each of ear.hear(event)) {
          log.event(each);
          events.push(each);
        }
      },
      raw: (line) => log.raw(line),
      line: (text) => log.line(text),
    };
    const worktree = resolvePath(request.worktree);
    const options = optionsOf(request);
    const files = await writeFiles(host, request, options);
    const { team } = request;
    const gate = new SessionGate({ worktree, addDirs: options.addDirs, check: request.check, team });
    const watch = new UnenforcedWatch({ worktree, root: host.root, env: host.env }, (reason) =>
      sink.event({ kind: 'unenforced', reason }),
    );
    await watch.look(realMode(options.permissionMode, mode), options.allowedTools);
    const desk = new HookDesk(gate, team, watch, host.log);
    const feed: Feed =
      mode === 'print' ? new PrintFeed(desk, sink, files.prompt) : new InteractiveFeed(desk, sink, host.clock.now());
    const hooks = using.add(
      host.endpoint.openDoor({
        '/hook': (body, _, whenSent) => feed.onHook(body, whenSent),
        '/commit': (body) => answerCommit(team, body),
        '/mcp': host.tools(request),
      }),
    );
    const telemetry = using.add(host.endpoint.openDoor({ '/v1/logs': (body) => feed.onTelemetry(body) }));
    const variables = sessionEnvironment(host.env, {
      worker: host.worker,
      store: host.swarm.store,
      worktree: request.worktree,
      token: hooks.token,
      keepApiKey: settings['claude.keepApiKey'],
      ...(mode === 'print' ? {} : { telemetry: { url: host.endpoint.url, token: telemetry.token } }),
    });
    const folder = join(logs, programsFolder);
    const env = await writePrograms({ folder, url: host.endpoint.url, cli: host.swarm.cli, env: variables });
    signal.throwIfAborted();
    const { child, identity, exit } = await start(host, program.path, files.arguments, { cwd: worktree, env, mode });
    if (mode === 'interactive') using.add(lendTerminal(child));
    feed.listen(child);
    const ended = exit.then(async (how) => {
      const end = await feed.end(how);
      using.dispose();
      log.line(`ended      ${how.signal ?? `exit ${how.code}`}${end.reason === undefined ? '' : `: ${end.reason}`}`);
      await Promise.all([log.close(), forgetFiles(logs), keepTranscripts(feed.transcripts, logs, host.log)]);
      events.end();
      return end;
    });
    const stop = async (graceMs: number) => {
      // A print session that is interrupted still tells what it has cost.
      await host.processes.end(identity, graceMs, mode === 'print' ? 'SIGINT' : 'SIGTERM');
      await ended;
    };
    const grantEdits = (granted: boolean) => gate.grantEdits(granted);
    if (signal.aborted) await stop(0);
    signal.throwIfAborted();
    return { process: identity, events, ended, grantEdits, stop };
  } catch (error) {
    using.dispose();
    await Promise.all([log.close(), forgetFiles(logs)]);
    throw error;
  }
}

/** What this task asks for, else what the settings say. */
function optionsOf({ task, settings }: SessionRequest) {
  const { options } = task;
  return {
    permissionMode: options.permissionMode ?? settings['claude.permissionMode'],
    model: options.model ?? settings['claude.model'],
    addDirs: options.addDirs ?? settings['claude.addDirs'],
    allowedCommands: options.allowedCommands ?? settings['claude.allowedCommands'],
    allowedTools: options.allowedTools ?? settings['claude.allowedTools'],
    disallowedTools: options.disallowedTools ?? settings['claude.disallowedTools'],
  };
}

/** Writes the session's private files and says how Claude Code is called with them. */
async function writeFiles(host: ClaudeHost, request: SessionRequest, options: ReturnType<typeof optionsOf>) {
  const { mode, logs, settings, claudeSessionId, resume, briefing } = request;
  const prompt = await givePrompt(request.prompt, mode, logs);
  const settingsFile = join(logs, 'claude-settings.json');
  const hookUrl = `${host.endpoint.url}/hook`;
  const namesHookUrl = await keepsHookList(request.worktree, host.env);
  const servers = await decisionsIn(host.root);
  await writePrivate(
    settingsFile,
    sessionSettings({
      ...options,
      mode,
      hookUrl,
      namesHookUrl,
      readable: prompt.file,
      keepApiKey: settings['claude.keepApiKey'],
      servers,
    }),
  );
  const mcpFile = join(logs, serversFile);
  const own = {
    type: 'http',
    url: `${host.endpoint.url}/mcp`,
    headers: { Authorization: `Bearer \${${tokenVariable}}` },
  };
  await writePrivate(mcpFile, { mcpServers: { ...settings['claude.mcpServers'], [ownServer]: own } });
  const { permissionMode, model } = options;
  return {
    prompt: prompt.text,
    arguments: commandLine({
      mode,
      claudeSessionId,
      resume,
      permissionMode,
      model,
      briefing,
      settingsFile,
      mcpFile,
      prompt: prompt.text,
    }),
  };
}

function writePrivate(file: string, content: object): Promise<void> {
  return writeFile(file, JSON.stringify(content, null, 2), { mode: 0o600 });
}

interface StartOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly mode: SessionMode;
}

interface Started {
  readonly child: ChildProcess;
  readonly identity: ProcessIdentity;
  readonly exit: Promise<Exit>;
}

async function start(
  host: ClaudeHost,
  program: string,
  args: readonly string[],
  { cwd, env, mode }: StartOptions,
): Promise<Started> {
  const stdio = mode === 'print' ? 'pipe' : 'inherit';
  try {
    const child = spawn(program, [...args], { cwd, env, stdio, windowsHide: true });
    const exit = new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    const identity = child.pid === undefined ? undefined : await host.processes.identityOf(child.pid);
    if (identity !== undefined) return { child, identity, exit };
    child.kill('SIGKILL');
    throw new Error('it ended as soon as it began');
  } catch (cause) {
    throw new AppError('claude_not_started', `could not start ${program}: ${messageOf(cause)}`, { cause });
  }
}

const serversFile = 'mcp.json';
const programsFolder = 'programs';

/** Servers may be given with their passwords, so their file goes as soon as the session has, and so do its programs. */
async function forgetFiles(logs: string): Promise<void> {
  await Promise.all([
    rm(join(logs, serversFile), { force: true }),
    rm(join(logs, programsFolder), { recursive: true, force: true }),
  ]);
}

/** Keeps a copy of the conversation, since Claude Code throws its own away after a time. */
async function keepTranscripts(transcripts: readonly string[], logs: string, log: Log): Promise<void> {
  try {
    for (const transcript of transcripts) {
      await appendFile(join(logs, transcriptFile), await readFile(transcript), { mode: 0o600 });
    }
  } catch (error) {
    log.warn(`could not keep a copy of the conversation: ${messageOf(error)}`);
  }
}

async function keepTranscript({ transcript, logs }: Pick<Session, 'transcript' | 'logs'>, log: Log): Promise<void> {
  const isKept = await access(join(logs, transcriptFile)).then(
    () => true,
    () => false,
  );
  if (transcript !== undefined && !isKept) await keepTranscripts([transcript], logs, log);
}

const transcriptFile = 'transcript.jsonl';
