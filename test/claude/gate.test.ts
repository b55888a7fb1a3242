import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Sandbox, sandbox } from '../support/model/sandbox.ts';
import { bash, say, type Turn, task, write } from '../support/model/script.ts';
import { launchSession, sessionRequest, type Wish } from '../support/session.ts';

const script = (...turns: readonly Turn[]) => [task('do it').turns(...turns, [say('Done.')])];

async function run(box: Sandbox, wish: Partial<Wish> = {}) {
  await using session = await launchSession(sessionRequest(box, { prompt: 'do it', ...wish }), box.home.env);
  const end = await session.finished;
  const denied = session.events.flatMap((event) => (event.kind === 'denied' ? [event] : []));
  return { end, denied, events: session.events };
}

describe('in print mode', () => {
  test('a file inside the worktree is written, one outside is not, and the session is told what to do instead', async () => {
    await using box = await sandbox();
    const outside = join(box.folder, 'outside.txt');
    box.model.add(...script([write('new folder/in.txt', 'in\n')], [write(outside, 'out\n')]));
    const { end, denied } = await run(box);
    expect({
      end,
      denied: denied.map(({ tool }) => tool),
      inside: await readFile(join(box.repository, 'new folder', 'in.txt'), 'utf8'),
      outside: (await readdir(box.folder)).includes('outside.txt'),
    }).toEqual({
      end: { exitCode: 0, signal: undefined, succeeded: true, denied: ['Write'] },
      denied: ['Write'],
      inside: 'in\n',
      outside: false,
    });
    expect(box.model.conversations()[0]?.toolResults[1]?.text).toContain(`Make the change inside ${box.repository}`);
  });

  test('a link inside the worktree does not lead out of it, not even one that leads to nothing', async () => {
    await using box = await sandbox();
    const outside = join(box.folder, 'elsewhere');
    await mkdir(outside);
    await symlink(outside, join(box.repository, 'link'));
    await symlink(join(outside, 'not yet.txt'), join(box.repository, 'dangling.txt'));
    box.model.add(...script([write('link/in.txt', 'x')], [write('dangling.txt', 'x')]));
    const { denied } = await run(box);
    expect({ denied: denied.map(({ tool }) => tool), outside: await readdir(outside) }).toEqual({
      denied: ['Write', 'Write'],
      outside: [],
    });
  });

  test('a folder that the person has added may be written too', async () => {
    await using box = await sandbox();
    const added = join(box.folder, 'added folder');
    await mkdir(added);
    box.model.add(...script([write(join(added, 'a.txt'), 'added\n')]));
    const { end } = await run(box, { options: { addDirs: [added] } });
    expect({ denied: end.denied, files: await readdir(added) }).toEqual({ denied: [], files: ['a.txt'] });
  });

  test('when the endpoint is gone, nothing is written', async () => {
    await using box = await sandbox();
    let close = async () => {};
    box.model.add(
      task('do it').turns(async () => {
        await close();
        return [write('in.txt', 'x'), bash('git add -A')];
      }, [say('Done.')]),
    );
    await using session = await launchSession(sessionRequest(box, { prompt: 'do it' }), box.home.env);
    close = async () => session.endpoint[Symbol.asyncDispose]();
    const end = await session.finished;
    expect({ denied: end.denied, changes: await box.git('status', '--porcelain') }).toEqual({
      denied: ['Write', 'Bash'],
      changes: '',
    });
  });

  test('while the worker does not hold the task, nothing is written', async () => {
    await using box = await sandbox();
    let withdraw = () => {};
    box.model.add(
      task('do it').turns(() => {
        withdraw();
        return [write('in.txt', 'x')];
      }, [say('Done.')]),
    );
    await using session = await launchSession(sessionRequest(box, { prompt: 'do it' }), box.home.env);
    withdraw = () => session.running.grantEdits(false);
    const end = await session.finished;
    expect({ denied: end.denied, changes: await box.git('status', '--porcelain') }).toEqual({
      denied: ['Write'],
      changes: '',
    });
  });

  test('ordinary git is granted, also with a long message, and pushing, other programs and rewriting are not', async () => {
    await using box = await sandbox();
    const message = `git commit -m "$(cat <<'EOF'\nAdd \`in.txt\` ($HOME)\n\nIt's "needed".\nEOF\n)"`;
    box.model.add(
      ...script(
        [write('in.txt', 'x\n')],
        [bash(`git add -A && ${message}`)],
        [bash('git push origin main'), bash('curl http://127.0.0.1:1/')],
        [bash('git commit --amend --no-edit'), bash('git diff --output=stolen.txt HEAD~1')],
      ),
    );
    const { end, denied } = await run(box);
    expect({
      end,
      denied: denied.length,
      commits: (await box.git('log', '--format=%B%x00')).split('\0').map((text) => text.trim()),
      changes: await box.git('status', '--porcelain'),
    }).toEqual({
      end: { exitCode: 0, signal: undefined, succeeded: true, denied: ['Bash'] },
      denied: 4,
      commits: ['Add `in.txt` ($HOME)\n\nIt\'s "needed".', 'first', ''],
      changes: '',
    });
  });

  test('the check and the allowed commands run, with arguments where the person has allowed the command', async () => {
    await using box = await sandbox();
    box.model.add(
      ...script([bash('touch checked && touch twice')], [bash('mkdir allowed')], [bash('touch not-allowed')]),
    );
    const { end } = await run(box, {
      check: 'touch checked && touch twice',
      options: { allowedCommands: ['mkdir'] },
    });
    expect({ denied: end.denied, changes: (await readdir(box.repository)).sort() }).toEqual({
      denied: ['Bash'],
      changes: ['.git', 'a.txt', 'allowed', 'checked', 'twice'],
    });
  });

  test('what the person forbids is denied, and a hook of the repository still has its veto', async () => {
    await using box = await sandbox();
    await mkdir(join(box.repository, '.claude'));
    const veto = { matcher: 'Write', hooks: [{ type: 'command', command: 'echo no >&2; exit 2' }] };
    await writeFile(
      join(box.repository, '.claude', 'settings.json'),
      JSON.stringify({ hooks: { PreToolUse: [veto] } }),
    );
    box.model.add(...script([write('in.txt', 'x')], [bash('git add -A')]));
    const { end } = await run(box, { options: { disallowedTools: ['Bash(git add:*)'] } });
    expect({ denied: end.denied, files: (await readdir(box.repository)).sort() }).toEqual({
      denied: ['Write', 'Bash'],
      files: ['.claude', '.git', 'a.txt'],
    });
  });

  test.each([
    ['a list of allowed hook addresses', { allowedHttpHookUrls: [] }],
    ['switching off all hooks', { disableAllHooks: true }],
  ])('%s in the repository does not silence the gate', async (_, settings) => {
    await using box = await sandbox();
    await mkdir(join(box.repository, '.claude'));
    await writeFile(join(box.repository, '.claude', 'settings.json'), JSON.stringify(settings));
    box.model.add(...script([write('in.txt', 'x')]));
    const { end } = await run(box);
    expect({ denied: end.denied, wrote: (await readdir(box.repository)).includes('in.txt') }).toEqual({
      denied: [],
      wrote: true,
    });
  });

  test('what an editor or Claude Code itself acts on is not granted', async () => {
    await using box = await sandbox();
    const files = ['.git/hooks/pre-commit', '.vscode/tasks.json', '.claude/settings.json', '.mcp.json'];
    box.model.add(...script(...files.map((file) => [write(file, '{}')])));
    const { denied } = await run(box);
    expect({ denied: denied.length, changes: await box.git('status', '--porcelain') }).toEqual({
      denied: files.length,
      changes: '',
    });
  });
});
