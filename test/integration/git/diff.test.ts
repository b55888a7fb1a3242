import { chmod, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempRepo } from './tempRepo.ts';

const lines = (count: number, last = '') =>
  `${Array.from({ length: count }, (_, i) => `line ${i}`).join('\n')}\n${last}`;

test('every kind of change is told with its lines', async () => {
  await using repo = await tempRepo({
    'changed.txt': lines(5),
    'gone.txt': lines(3),
    'old näme.txt': lines(20),
    'moved\n1.txt': lines(30),
    'run.sh': 'x\n',
    'typed.txt': 'target\n',
    'bin.dat': 'a\0b',
    'empty.txt': '',
  });
  const base = await repo.git(['rev-parse', 'HEAD']);
  await repo.git(['mv', 'old näme.txt', ':colon.txt']);
  await repo.git(['mv', 'moved\n1.txt', 'moved 🚀.txt']);
  await repo.write('moved 🚀.txt', lines(30, 'one more\n'));
  await repo.write('changed.txt', lines(4, 'new\nnewer\n'));
  await rm(join(repo.path, 'gone.txt'));
  await rm(join(repo.path, 'typed.txt'));
  await symlink('changed.txt', join(repo.path, 'typed.txt'));
  await chmod(join(repo.path, 'run.sh'), 0o755);
  await repo.write('bin.dat', 'a\0c');
  await repo.write('-added', 'x');
  await repo.git(['init', '--quiet', '-b', 'main', repo.beside('sub')]);
  await repo.git(
    ['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '--quiet', '--allow-empty', '-m', 'x'],
    repo.beside('sub'),
  );
  await repo.git(['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repo.beside('sub'), 'sub']);
  const head = await repo.commit({});
  // What a person may have configured must not change the answer.
  await repo.git(['config', 'diff.renames', 'false']);
  await repo.git(['config', 'diff.noprefix', 'true']);
  await repo.git(['config', 'diff.external', 'false']);
  await repo.git(['config', 'diff.evil.command', `touch '${repo.beside('ran')}'`]);
  await repo.git(['config', 'diff.evil.textconv', `touch '${repo.beside('ran')}'; cat`]);
  await repo.write('.git/info/attributes', '*.txt diff=evil\n');
  await repo.git(['config', 'color.diff', 'always']);
  await repo.git(['config', 'submodule.sub.ignore', 'all']);
  await repo.git(['config', 'diff.ignoreSubmodules', 'all']);
  const git = await repo.open();
  const patch = await git.patch(base, head);
  expect({
    files: await git.diff(base, head),
    none: await git.diff(head, head),
    patch: [
      patch.includes('--- a/changed.txt\n+++ b/changed.txt'),
      patch.includes('\u001b'),
      patch.includes('Subproject commit'),
    ],
    ran: await repo.read('ran', repo.beside('.')).catch(() => false),
  }).toEqual({
    files: [
      { path: '-added', status: 'added', added: 1, removed: 0 },
      { path: '.gitmodules', status: 'added', added: 3, removed: 0 },
      { path: ':colon.txt', from: 'old näme.txt', status: 'renamed', added: 0, removed: 0 },
      { path: 'bin.dat', status: 'modified' },
      { path: 'changed.txt', status: 'modified', added: 2, removed: 1 },
      { path: 'gone.txt', status: 'deleted', added: 0, removed: 3 },
      { path: 'moved 🚀.txt', from: 'moved\n1.txt', status: 'renamed', added: 1, removed: 0 },
      { path: 'run.sh', status: 'modified', added: 0, removed: 0 },
      { path: 'sub', status: 'added' },
      { path: 'typed.txt', status: 'type_changed', added: 1, removed: 1 },
    ],
    none: [],
    patch: [true, false, true],
    ran: false,
  });
});

test('a file is shown byte for byte as a commit has it', async () => {
  await using repo = await tempRepo({ 'a b.txt': 'one\r\n', 'dir/x.txt': 'x' });
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  await repo.write('bytes.bin', bytes);
  const head = await repo.commit({});
  const git = await repo.open();
  expect(
    await Promise.all(['bytes.bin', 'a b.txt', 'none.txt', 'dir', '../a'].map((path) => git.showFile(head, path))),
  ).toEqual([bytes, new Uint8Array(Buffer.from('one\r\n')), undefined, undefined, undefined]);
});
