import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createSampleRepository } from '../scripts/sample/repository.ts';
import { type SessionSettings, sessionSettings } from '../src/claude/settingsFile.ts';
import { type ClaudeHome, claudeHome } from '../test/support/model/claudeHome.ts';
import type { Conversation } from '../test/support/model/conversation.ts';
import { say, task, write } from '../test/support/model/script.ts';
import { startModel } from '../test/support/model/server.ts';
import { type Benchmark, described, type Finding, type World } from './benchmark.ts';
import { eachRound, inTurns, runProgram, timed } from './measure.ts';

interface Case {
  /** Tasks, all at once. */
  readonly tasks: number;
  readonly rounds: number;
  /** Seconds that one of them may cost. */
  readonly atMost: number;
}

const cases: readonly Case[] = [
  { tasks: 1, rounds: 9, atMost: 0.15 },
  { tasks: 16, rounds: 5, atMost: 0.03 },
];

/** What a task costs over the session of Claude Code that does it: the real program, its model scripted. */
export const overhead: Benchmark = {
  name: 'overhead',
  about: 'swarm run beside the same sessions of Claude Code started directly',
  async run(world) {
    const wanted = /make the file \S+/;
    await using model = await startModel(
      task(wanted).turns(({ conversation }) => [write(fileOf(conversation), 'made\n')], [say('Done.')]),
    );
    const home = join(world.folder, 'home');
    await mkdir(join(home, 'swarm'), { recursive: true });
    await writeFile(join(home, 'swarm', 'config.yaml'), 'workers.max: 16\n');
    const claude = await claudeHome({ folder: home, modelUrl: model.url, trusts: [world.folder] });
    const findings: Finding[] = [];
    for (const each of cases) {
      world.say(`${each.tasks} at once, ${each.rounds} rounds`);
      findings.push(...(await measure(world, claude, each)));
    }
    if (model.unexpected.length > 0) throw new Error(`the script had no answer ${model.unexpected.length} times`);
    return findings;
  },
};

const fileOf = ({ userTexts }: Conversation): string => /make the file (\S+)/.exec(userTexts.join('\n'))?.[1] ?? '';

/** `floor` is what the hooks alone cost, by which the gate is asked: no way of having one is cheaper than that. */
async function measure(world: World, claude: ClaudeHome, { tasks, rounds, atMost }: Case): Promise<readonly Finding[]> {
  await using gate = await startYesSayer();
  const settingsFile = join(world.folder, 'floor.json');
  await writeFile(settingsFile, JSON.stringify(sessionSettings({ ...noOptions, hookUrl: gate.url })));
  const env = { ...claude.env, SWARM_CLAUDE: claude.binary, SWARM_CONFIG_DIR: join(world.folder, 'home', 'swarm') };
  const prompts = Array.from({ length: tasks }, (_, index) => `make the file made-${index}.txt`);
  const { ours, direct, hooked } = await inTurns(rounds, {
    async ours(round) {
      const repository = join(world.folder, `ours ${tasks} ${round}`);
      await createSampleRepository(repository);
      const args = [world.cli, 'run', '--workers', String(tasks), ...prompts];
      return timed(() => runProgram(process.execPath, args, { cwd: repository, env }));
    },
    async direct(round) {
      const folders = await foldersFor(world, `direct ${tasks} ${round}`, tasks);
      return timed(() => inEach(folders, (cwd, at) => startSession(claude, prompts[at] ?? '', cwd, acceptEdits)));
    },
    async hooked(round) {
      const folders = await foldersFor(world, `hooked ${tasks} ${round}`, tasks);
      const args = ['--settings', settingsFile, '--permission-mode', 'dontAsk'];
      return timed(() => inEach(folders, (cwd, at) => startSession(claude, prompts[at] ?? '', cwd, args)));
    },
  });
  const each = (one: number, other: number) => (one - other) / 1000 / tasks;
  const ratio = eachRound(ours, direct, (one, other) => one / other);
  const without = `claude -p ${described(direct, 'ms')}`;
  return [
    {
      goal: 'G18',
      what: `overhead on a task, ${tasks} at once`,
      ours: described(ours, 'ms'),
      beside: `${without}, ratio ${described(ratio, '×')}`,
      value: eachRound(ours, direct, each),
      unit: 's',
      atMost,
    },
    {
      goal: 'G18',
      what: `of it the hooks of Claude Code itself, ${tasks} at once`,
      ours: described(hooked, 'ms'),
      beside: without,
      value: eachRound(hooked, direct, each),
      unit: 's',
    },
  ];
}

const acceptEdits = ['--permission-mode', 'acceptEdits'];

const noOptions: Omit<SessionSettings, 'hookUrl'> = {
  mode: 'print',
  addDirs: [],
  allowedCommands: [],
  allowedTools: [],
  disallowedTools: [],
  readable: undefined,
  namesHookUrl: false,
  keepApiKey: false,
  servers: { enabledMcpjsonServers: [], disabledMcpjsonServers: [], enableAllProjectMcpServers: false },
};

/** A worktree for each of so many sessions, of a new repository. */
async function foldersFor(world: World, name: string, count: number): Promise<readonly string[]> {
  const repository = join(world.folder, name);
  await createSampleRepository(repository);
  const folders = Array.from({ length: count }, (_, index) => join(world.folder, `${name} ${index}`));
  for (const folder of folders)
    await runProgram('git', ['worktree', 'add', '--quiet', '--detach', folder], { cwd: repository });
  return folders;
}

const inEach = (folders: readonly string[], work: (folder: string, at: number) => Promise<unknown>) =>
  Promise.all(folders.map(work));

/** The smallest server that answers hooks: it allows whatever it is asked for. */
async function startYesSayer(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const hookEventName = (JSON.parse(body) as { hook_event_name: string }).hook_event_name;
      const answer =
        hookEventName === 'PreToolUse' ? { hookSpecificOutput: { hookEventName, permissionDecision: 'allow' } } : {};
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What a person would type to have the same done without Swarm. */
function startSession(
  { binary, env }: ClaudeHome,
  prompt: string,
  cwd: string,
  permissions: readonly string[],
): Promise<string> {
  const args = ['-p', '--output-format', 'stream-json', '--verbose', '--session-id', randomUUID(), ...permissions];
  return runProgram(binary, args, { cwd, env: { ...env, SWARM_TOKEN: 'anything' }, input: prompt });
}
