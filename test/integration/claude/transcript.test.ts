import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TranscriptReader } from '../../../src/claude/transcript.ts';
import { tempFolder } from '../../support/tempFolder.ts';

const start = Date.UTC(2026, 10, 21, 12);
const record = (type: string, message: object, other: object = {}) =>
  `${JSON.stringify({ type, message, timestamp: new Date(start + 1000).toISOString(), ...other })}\n`;
const usage = (output_tokens: number) => ({
  input_tokens: 12,
  output_tokens,
  cache_read_input_tokens: 100,
  cache_creation_input_tokens: 0,
  service_tier: 'standard',
});
const says = (id: string, text: string, output: number) => ({
  id,
  content: [{ type: 'text', text }],
  usage: usage(output),
});

test('what was added since the last look is told once, also when a line was not finished then', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'transcript.jsonl');
  const reader = new TranscriptReader(path, start);
  const missing = await reader.read();
  const line = record('assistant', says('m1', 'größer', 5));
  await appendFile(path, `{"type":"mode","mode":"normal"}\nno json\n${line.slice(0, 60)}`);
  const unfinished = await reader.read();
  await appendFile(path, line.slice(60));
  const finished = await reader.read();
  expect({ missing, unfinished, finished, again: await reader.read() }).toEqual({
    missing: [],
    unfinished: [],
    finished: [{ kind: 'text', text: 'größer' }],
    again: [],
  });
});

test('tokens are counted once for each message, and what is older or of a subagent is left out', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'transcript.jsonl');
  const old = { timestamp: new Date(start - 1).toISOString() };
  await appendFile(
    path,
    [
      record('assistant', says('m0', 'before', 1000), old),
      record('user', { content: [{ type: 'text', text: '[Request interrupted by user]' }] }, old),
      record('user', { content: 'go on' }),
      record('assistant', says('m1', 'one', 1)),
      record('assistant', { id: 'm1', content: [{ type: 'tool_use', name: 'Bash', input: {} }], usage: usage(5) }),
      record('assistant', says('s1', 'sub', 1000), { isSidechain: true }),
      record('user', { content: [{ type: 'tool_result', content: 'text' }] }),
      record('assistant', {
        id: 'm2',
        content: [
          { type: 'thinking', thinking: 'hm' },
          { type: 'text', text: 'two' },
        ],
        usage: usage(7),
      }),
    ].join(''),
  );
  const reader = new TranscriptReader(path, start);
  expect({ events: await reader.read(), usage: reader.usage }).toEqual({
    events: [
      { kind: 'text', text: 'one' },
      { kind: 'text', text: 'two' },
    ],
    usage: { costUsd: 0, tokens: 12 + 5 + 100 + 12 + 7 + 100, turns: 2 },
  });
});

test('an interruption is told, whether it came in a text or during a tool', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'transcript.jsonl');
  await appendFile(
    path,
    record('user', { content: [{ type: 'text', text: '[Request interrupted by user for tool use]' }] }),
  );
  await appendFile(path, record('user', { content: '[Request interrupted by user]' }));
  const interrupted = { kind: 'asks', what: 'input', text: 'interrupted' };
  expect(await new TranscriptReader(path, start).read()).toEqual([interrupted, interrupted]);
});
