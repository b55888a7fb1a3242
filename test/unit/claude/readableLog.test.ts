import { expect, test } from 'vitest';
import { readable } from '../../../src/claude/readableLog.ts';
import { oneLine, summaryOf, summaryOfResult } from '../../../src/claude/toolSummary.ts';
import type { ClaudeSessionId } from '../../../src/core/model/ids.ts';

test('every kind of event has its line, and a text of several lines stays one block', () => {
  const id = 'an-id' as ClaudeSessionId;
  expect([
    readable({ kind: 'started', claudeSessionId: id, model: 'opus' }),
    readable({ kind: 'prompted', text: 'do\nthis\n' }),
    readable({ kind: 'text', text: 'I do.' }),
    readable({ kind: 'tool', use: 'u', tool: 'Bash', summary: 'ls' }),
    readable({ kind: 'tool_done', use: 'u', tool: 'Bash', ok: true, summary: 'a b' }),
    readable({ kind: 'tool_done', use: 'u', tool: 'Bash', ok: false, summary: 'no' }),
    readable({ kind: 'batch_done' }),
    readable({ kind: 'asks', what: 'permission', tool: 'Bash', text: 'rm' }),
    readable({ kind: 'asks', what: 'input', text: 'interrupted' }),
    readable({ kind: 'denied', tool: 'Bash', reason: 'not here' }),
    readable({ kind: 'usage', usage: { costUsd: 0.5, tokens: 12, turns: 3 } }),
    readable({ kind: 'limited', status: 'rejected' }),
    readable({ kind: 'compacted' }),
    readable({ kind: 'turn_ended', text: 'Done.', pending: 2 }),
    readable({ kind: 'turn_failed', reason: 'overloaded' }),
    readable({ kind: 'cleared', reason: 'clear' }),
  ]).toEqual([
    'started    conversation an-id, opus',
    'prompt     do\n                    this',
    'says       I do.',
    'uses       Bash: ls',
    'result     Bash: a b',
    'failed     Bash: no',
    '',
    'asks       permission: Bash: rm',
    'asks       input: interrupted',
    'denied     Bash: not here',
    'used       $0.5000, 12 tokens, 3 turns',
    'limited    rejected',
    'compacted  the conversation so far',
    'complete   Done. (2 in the background)',
    'failed     overloaded',
    'cleared    clear',
  ]);
});

test('no terminal obeys what a session says', () => {
  const evil = 'a\u001b]52;c;x\u0007b\u001b[2Jc\u009b31md\re\u202ef';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the point.
  const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;
  expect([readable({ kind: 'text', text: evil }), oneLine(evil)].filter((line) => control.test(line))).toEqual([]);
});

test('a summary is one line of at most 200 characters, made of what tells most', () => {
  expect([
    summaryOf({ description: 'Runs it', command: 'npm\ttest' }),
    summaryOf({ content: 'x' }),
    summaryOf({ command: 7, file_path: '/a' }),
    summaryOfResult([{ type: 'text', text: 'one' }, { type: 'image' }, { type: 'text', text: 'two' }]),
    summaryOfResult({ filePath: '/a b' }),
    summaryOfResult(undefined),
    summaryOfResult({ stdout: '', stderr: 'oh' }),
    oneLine('x'.repeat(1_000_000)).length,
    oneLine(`${' '.repeat(1000)}x`),
  ]).toEqual(['npm test', '', '/a', 'one two', '/a b', '', 'oh', 200, '…']);
});
