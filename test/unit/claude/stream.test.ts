import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { LineSplitter } from '../../../src/claude/lines.ts';
import { StreamReader } from '../../../src/claude/stream.ts';

const recording = await readFile(new URL('../../fixtures/claude/print-session.jsonl', import.meta.url));
const recordedLines = recording.toString('utf8').trimEnd().split('\n');

function readAll(chunks: readonly Uint8Array[]) {
  const splitter = new LineSplitter();
  const reader = new StreamReader();
  const lines = [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
  return { events: lines.flatMap((line) => reader.read(line)), result: reader.result, denied: [...reader.denied] };
}
const whole = readAll([recording]);

test('a recorded session is told in order', () => {
  const refused = expect.stringContaining('Permission to use Bash has been denied');
  const [writes, status, curl, outside] = recordedLines.flatMap(
    (line) => /"type":"tool_use","id":"(\w+)"/.exec(line)?.[1] ?? [],
  );
  expect(whole).toEqual({
    events: [
      { kind: 'started', claudeSessionId: '152f1721-7dd1-4802-abfd-e901a203e691', model: 'claude-opus-4-8[1m]' },
      { kind: 'text', text: 'Let me write — größer, 日本語, 👩‍💻.' },
      { kind: 'tool', use: writes, tool: 'Write', summary: '/home/ada/my work/repo/a.txt' },
      {
        kind: 'tool_done',
        use: writes,
        tool: 'Write',
        ok: true,
        summary:
          'File created successfully at: /home/ada/my work/repo/a.txt (file state is current in your context — no need to Read it back)',
      },
      { kind: 'batch_done' },
      { kind: 'tool', use: status, tool: 'Bash', summary: 'git status --short' },
      { kind: 'tool', use: curl, tool: 'Bash', summary: 'curl http://127.0.0.1:1/' },
      { kind: 'tool_done', use: status, tool: 'Bash', ok: true, summary: '?? a.txt' },
      { kind: 'tool_done', use: curl, tool: 'Bash', ok: false, summary: refused },
      { kind: 'batch_done' },
      { kind: 'tool', use: outside, tool: 'Write', summary: '/home/ada/outside.txt' },
      { kind: 'tool_done', use: outside, tool: 'Write', ok: false, summary: 'outside' },
      { kind: 'batch_done' },
      { kind: 'text', text: 'Done.' },
      { kind: 'denied', tool: 'Bash', reason: refused },
      { kind: 'denied', tool: 'Write', reason: 'outside' },
      { kind: 'usage', usage: { costUsd: 0.0415455, tokens: 77563, turns: 5 } },
      { kind: 'turn_ended', text: 'Done.', pending: 0 },
    ],
    result: { succeeded: true, reason: '' },
    denied: ['Bash', 'Write'],
  });
});

test('cut in two at any byte, it is the same session', () => {
  for (let cut = 0; cut < recording.length; cut += 7) {
    expect(readAll([recording.subarray(0, cut), recording.subarray(cut)])).toEqual(whole);
  }
});

test('every beginning of it tells the beginning of the same events, and no result before its end', () => {
  for (let length = 0; length < recording.length - 1; length += 41) {
    const { events, result } = readAll([recording.subarray(0, length)]);
    expect({ events, result }).toEqual({ events: whole.events.slice(0, events.length), result: undefined });
  }
});

test('with Windows’ line ends and garbage between the lines, it is the same session', () => {
  const garbage = ['', 'warning: something', '{"type":', 'null', '[]', '"text"', '42', '{}', '{"type":7}'].concat(
    ['{"type":"assistant"}', '{"type":"assistant","message":{"content":"text"}}', '{"type":"user","message":null}'],
    ['{"type":"system","subtype":{}}', '{"type":"assistant","message":{"content":[null,7,{"type":"tool_use"}]}}'],
    ['{"type":"something_new","data":{}}', '\u0000\u001b[2J', '{"type":"rate_limit_event"}'],
  );
  const mixed = recordedLines.flatMap((line, at) => [garbage[at % garbage.length] ?? '', line, ...garbage]);
  expect(readAll([Buffer.from(mixed.join('\r\n'))])).toEqual(whole);
});

test('a result that comes twice counts once, and one that never comes is missed', () => {
  const last = recordedLines.at(-1) ?? '';
  expect(readAll([recording, Buffer.from(`${last}\n`)])).toEqual(whole);
  expect(readAll([Buffer.from(recordedLines.slice(0, -1).join('\n'))]).result).toBeUndefined();
});

test('numbers that cannot be are none', () => {
  const result = { type: 'result', subtype: 'success', result: 'x', num_turns: -3, total_cost_usd: 'much' };
  const modelUsage = {
    a: { inputTokens: -5, outputTokens: 1e300, cacheReadInputTokens: null, cacheCreationInputTokens: 9 },
  };
  expect(new StreamReader().read(JSON.stringify({ ...result, modelUsage }))).toEqual([
    { kind: 'usage', usage: { costUsd: 0, tokens: 9, turns: 0 } },
    { kind: 'turn_ended', text: 'x', pending: 0 },
  ]);
});

test('a failed turn says why, in the words that there are', () => {
  const reasons = [
    { is_error: true, subtype: 'success', result: 'Not logged in · Please run /login' },
    { is_error: true, subtype: 'error_during_execution', errors: ['one', 'two'] },
    { subtype: 'error_max_turns' },
  ].map((line) => {
    const reader = new StreamReader();
    return [reader.read(JSON.stringify({ type: 'result', ...line })).at(-1), reader.result?.succeeded];
  });
  expect(reasons).toEqual([
    [{ kind: 'turn_failed', reason: 'Not logged in · Please run /login' }, false],
    [{ kind: 'turn_failed', reason: 'one; two' }, false],
    [{ kind: 'turn_failed', reason: 'error_max_turns' }, false],
  ]);
});

test('a limit is told when it limits, with the time of its end', () => {
  const read = (rate_limit_info: object) =>
    new StreamReader().read(JSON.stringify({ type: 'rate_limit_event', rate_limit_info }));
  expect([
    read({ status: 'allowed' }),
    read({ status: 'allowed_warning' }),
    read({ status: 'rejected', resetsAt: 1_800_000_000 }),
  ]).toEqual([
    [],
    [{ kind: 'limited', status: 'allowed_warning' }],
    [{ kind: 'limited', status: 'rejected', resetsAt: 1_800_000_000_000 }],
  ]);
});

test('what a subagent says is not told, what it does is, and its tools do not end the batch of its parent', () => {
  const reader = new StreamReader();
  const lines = [
    {
      type: 'assistant',
      message: { content: [{ type: 'tool_use', id: 'a', name: 'Task', input: { description: 'look' } }] },
    },
    { type: 'assistant', parent_tool_use_id: 'a', message: { content: [{ type: 'text', text: 'hm' }] } },
    {
      type: 'assistant',
      parent_tool_use_id: 'a',
      message: { content: [{ type: 'tool_use', id: 'b', name: 'Bash', input: { command: 'ls' } }] },
    },
    {
      type: 'user',
      parent_tool_use_id: 'a',
      message: { content: [{ type: 'tool_result', tool_use_id: 'b', content: 'x' }] },
    },
    {
      type: 'user',
      message: { content: [{ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'found' }] }] },
    },
    { type: 'user', message: { content: [{ type: 'tool_result', tool_use_id: 'unknown', content: 'x' }] } },
    { type: 'system', subtype: 'compact_boundary' },
  ];
  expect(lines.flatMap((line) => reader.read(JSON.stringify(line)))).toEqual([
    { kind: 'tool', use: 'a', tool: 'Task', summary: 'look' },
    { kind: 'tool', use: 'b', tool: 'Bash', summary: 'ls' },
    { kind: 'tool_done', use: 'b', tool: 'Bash', ok: true, summary: 'x' },
    { kind: 'batch_done' },
    { kind: 'tool_done', use: 'a', tool: 'Task', ok: true, summary: 'found' },
    { kind: 'batch_done' },
    { kind: 'compacted' },
  ]);
});
