import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.ts';
import { HookDesk } from '../../../src/claude/hookDesk.ts';
import { readHook } from '../../../src/claude/hooks.ts';
import { SessionGate } from '../../../src/claude/sessionGate.ts';
import type { Moment, SessionTeam } from '../../../src/core/ports.ts';
import { tempFolder } from '../../support/tempFolder.ts';

/** A desk for a session whose team has `text` to tell; `heard` are the moments it was asked at and what became of the answers. */
function desk(worktree: string, news: SessionTeam['news'] | string | undefined) {
  const heard: unknown[] = [];
  const watched: string[] = [];
  const tell: SessionTeam['news'] = async (moment) => {
    heard.push(moment);
    if (typeof news === 'function') return await news(moment);
    return news === undefined ? undefined : { text: news, done: (sent) => void heard.push(sent) };
  };
  const team = { mayWrite: async () => undefined };
  const made = new HookDesk(
    new SessionGate({ worktree, addDirs: [], check: undefined, team }),
    { news: tell },
    { heard: async (event: string, mode: string) => void watched.push(`${event} ${mode}`) },
    silentLog,
  );
  const ask = async (hook_event_name: string, fields: object = {}) => {
    const hook = readHook({ hook_event_name, session_id: 'x', cwd: worktree, permission_mode: 'default', ...fields });
    if (hook === undefined) throw new Error('no hook');
    return await made.answer(hook, (listener) => listener(true));
  };
  return { ask, heard, watched };
}

const used = (tool_name: string, file_path?: string) => ({
  tool_name,
  tool_input: file_path === undefined ? {} : { file_path },
});

test('news come with a prompt, after tools, and instead of the end of a turn', async () => {
  const { ask, heard, watched } = desk('/w', 'news');
  const context = (hookEventName: string) => ({ hookSpecificOutput: { hookEventName, additionalContext: 'news' } });
  expect([
    await ask('UserPromptSubmit'),
    await ask('PostToolBatch'),
    await ask('Stop'),
    await ask('Notification'),
  ]).toEqual([
    { answer: context('UserPromptSubmit'), goesOn: false },
    { answer: context('PostToolBatch'), goesOn: false },
    { answer: { decision: 'block', reason: 'news' }, goesOn: true },
    { answer: {}, goesOn: false },
  ]);
  expect({ heard, watched }).toEqual({
    heard: [
      { kind: 'prompted' },
      true,
      { kind: 'tools_done', touched: [], mayHaveChanged: false, byHelper: false },
      true,
      { kind: 'stopping' },
      true,
    ],
    watched: ['UserPromptSubmit default', 'PostToolBatch default', 'Stop default', 'Notification default'],
  });
});

test.each([
  ['there are none', undefined],
  ['they cannot be had', () => Promise.reject(new Error('the store is busy'))],
])('where %s, nothing is said and nobody is kept', async (_, news) => {
  const { ask } = desk('/w', news);
  expect([await ask('UserPromptSubmit'), await ask('PostToolBatch'), await ask('Stop')]).toEqual(
    Array(3).fill({ answer: {}, goesOn: false }),
  );
});

test('after tools it is known what they have touched, whether they may have changed more, and who used them', async () => {
  await using folder = await tempFolder();
  const worktree = join(folder.path, 'w');
  await mkdir(join(worktree, 'real'), { recursive: true });
  await symlink(join(worktree, 'real'), join(worktree, 'link'));
  await symlink(folder.path, join(worktree, 'out'));
  const { ask, heard } = desk(worktree, undefined);
  const inside = (path: string) => join(worktree, path);
  const batches = [
    [
      used('Read', inside('a.ts')),
      used('Edit', inside('link/b.ts')),
      used('Write', 'c.ts'),
      used('Read', inside('out/d.ts')),
      used('Read', '/etc/hosts'),
    ],
    [used('Read'), used('WebFetch'), used('Grep')],
    [used('Read', inside('a.ts')), used('Bash')],
    [used('mcp__x__y', inside('a.ts'))],
    [used('Agent')],
  ];
  for (const tool_calls of batches)
    await ask('PostToolBatch', { tool_calls, agent_id: tool_calls.length === 1 ? 'a1' : undefined });
  expect(heard).toEqual([
    { kind: 'tools_done', touched: ['a.ts', 'real/b.ts', 'c.ts'], mayHaveChanged: false, byHelper: false },
    { kind: 'tools_done', touched: [], mayHaveChanged: false, byHelper: false },
    { kind: 'tools_done', touched: ['a.ts'], mayHaveChanged: true, byHelper: false },
    { kind: 'tools_done', touched: [], mayHaveChanged: true, byHelper: true },
    { kind: 'tools_done', touched: [], mayHaveChanged: true, byHelper: true },
  ] satisfies Moment[]);
});
