import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSampleRepository } from '../scripts/sample/repository.ts';
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
      findings.push(await measure(world, claude, each));
    }
    if (model.unexpected.length > 0) throw new Error(`the script had no answer ${model.unexpected.length} times`);
    return findings;
  },
};

const fileOf = ({ userTexts }: Conversation): string => /make the file (\S+)/.exec(userTexts.join('\n'))?.[1] ?? '';

async function measure(world: World, claude: ClaudeHome, { tasks, rounds, atMost }: Case): Promise<Finding> {
  const env = { ...claude.env, SWARM_CLAUDE: claude.binary, SWARM_CONFIG_DIR: join(world.folder, 'home', 'swarm') };
  const prompts = Array.from({ length: tasks }, (_, index) => `make the file made-${index}.txt`);
  const { ours, direct } = await inTurns(rounds, {
    async ours(round) {
      const repository = join(world.folder, `ours ${tasks} ${round}`);
      await createSampleRepository(repository);
      const args = [world.cli, 'run', '--workers', String(tasks), ...prompts];
      return timed(() => runProgram(process.execPath, args, { cwd: repository, env }));
    },
    async direct(round) {
      const repository = join(world.folder, `direct ${tasks} ${round}`);
      await createSampleRepository(repository);
      const sessions = prompts.map((prompt, index) => ({
        prompt,
        cwd: join(world.folder, `direct ${tasks} ${round} ${index}`),
      }));
      for (const { cwd } of sessions)
        await runProgram('git', ['worktree', 'add', '--quiet', '--detach', cwd], { cwd: repository });
      return timed(() => Promise.all(sessions.map(({ prompt, cwd }) => startSession(claude, prompt, cwd))));
    },
  });
  const perTask = eachRound(ours, direct, (one, other) => (one - other) / 1000 / tasks);
  const ratio = eachRound(ours, direct, (one, other) => one / other);
  return {
    goal: 'G18',
    what: `overhead on a task, ${tasks} at once`,
    ours: described(ours, 'ms'),
    beside: `claude -p ${described(direct, 'ms')}, ratio ${described(ratio, '×')}`,
    value: perTask,
    unit: 's',
    atMost,
  };
}

/** What a person would type to have the same done without Swarm. */
function startSession({ binary, env }: ClaudeHome, prompt: string, cwd: string): Promise<string> {
  const args = ['-p', '--output-format', 'stream-json', '--verbose', '--session-id', randomUUID()];
  return runProgram(binary, [...args, '--permission-mode', 'acceptEdits'], { cwd, env, input: prompt });
}
