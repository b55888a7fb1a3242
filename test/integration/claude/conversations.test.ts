import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasConversation } from '../../../src/claude/conversations.ts';
import { tempFolder } from '../../support/tempFolder.ts';

const id = '11111111-2222-4333-8444-555555555555';

test.each<[string, string | undefined, boolean]>([
  ['a prompt', '{"type":"mode"}\n{"type":"user","message":{}}\n', true],
  ['an answer', '{"type":"assistant"}', true],
  ['nothing that was said yet', '{"type":"mode"}\n{"type":"permission-mode","value":"user"}\n', false],
  ['a first line that was cut off', '{"type":"user","mess', false],
  ['nothing', '', false],
  ['no file', undefined, false],
])('a conversation of which Claude Code has kept %s', async (_, content, expected) => {
  await using folder = await tempFolder();
  const projects = join(folder.path, '.claude', 'projects');
  for (const name of ['-a-worktree', '-another']) await mkdir(join(projects, name), { recursive: true });
  await writeFile(join(projects, '-another', 'other.jsonl'), '{"type":"user"}\n');
  if (content !== undefined) await writeFile(join(projects, '-another', `${id}.jsonl`), content);
  expect([
    await hasConversation(id, { HOME: folder.path }),
    await hasConversation(id, { HOME: '/nowhere', CLAUDE_CONFIG_DIR: join(folder.path, '.claude') }),
    await hasConversation(id, { HOME: '/nowhere' }),
  ]).toEqual([expected, expected, false]);
});
