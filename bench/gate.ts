import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createSampleRepository } from '../scripts/sample/repository.ts';
import { type Benchmark, described } from './benchmark.ts';
import { eachRound, inTurns, timed } from './measure.ts';
import { Program } from './program.ts';
import type { Address } from './programs/gatekeeper.ts';

const rounds = 60;
const run = promisify(execFile);

/** What a tool call waits for: our gate's answer over HTTP, with a claim of a new file in the store, beside hooks that are programs. */
export const gate: Benchmark = {
  name: 'gate',
  about: 'the gate asked by a hook',
  async run(world) {
    const repository = join(world.folder, 'tea shop');
    await createSampleRepository(repository);
    await using gatekeeper = await Program.start<string, Address>('gatekeeper.ts', repository);
    const { url, token } = await gatekeeper.ask('where');
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const measured = await inTurns(rounds, {
      ours: (round) => {
        const body = JSON.stringify(writeIn(repository, round));
        return timed(async () => {
          const answer = await fetch(url, { method: 'POST', headers, body });
          const { hookSpecificOutput: said } = (await answer.json()) as {
            hookSpecificOutput?: { permissionDecision?: string };
          };
          if (said?.permissionDecision !== 'allow') throw new Error(`the gate said ${JSON.stringify(said)}`);
        });
      },
      command: () => timed(() => run('/bin/sh', ['-c', ':'])),
      node: () => timed(() => run(process.execPath, ['-e', '0'])),
    });
    const finding = (peer: 'command' | 'node', words: string, atMost: number) => ({
      goal: 'G1',
      what: `the gate beside ${words}`,
      ours: described(measured.ours, 'ms'),
      beside: `${words} ${described(measured[peer], 'ms')}`,
      value: eachRound(measured.ours, measured[peer], (one, other) => one / other),
      unit: '×',
      atMost,
    });
    return [
      finding('command', 'a hook that is the smallest command', 2),
      finding('node', 'a hook that only starts Node', 0.1),
    ];
  },
};

/** What Claude Code posts before it writes a file that it has not written before. */
const writeIn = (folder: string, round: number) => ({
  session_id: 'ec4e83a8-7447-4968-b334-04ffc1c3bc33',
  transcript_path: '/home/ada/.claude/projects/one/ec4e83a8-7447-4968-b334-04ffc1c3bc33.jsonl',
  cwd: folder,
  permission_mode: 'default',
  hook_event_name: 'PreToolUse',
  tool_name: 'Write',
  tool_input: { file_path: join(folder, `new-${round}.txt`), content: 'export const value = 1;\n'.repeat(200) },
  tool_use_id: 'toolu_23caa275b5344f5590f0daea0cc49ee4',
});
