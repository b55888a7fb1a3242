import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { oldestNode, whyNotThisNode } from '../../../src/cli/nodeVersion.ts';
import { describeProgram } from '../../../src/cli/program.ts';

const root = join(import.meta.dirname, '../../..');

test('a Node that is too old is named, with the version that package.json asks for', async () => {
  const { engines } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  expect(engines.node).toBe(`>=${oldestNode}`);
  expect(['20.20.2', '22.14.9', '22.15.0', '24.0.0'].map((version) => whyNotThisNode(version) === undefined)).toEqual([
    false,
    false,
    true,
    true,
  ]);
});

test('what answers the lean commands loads no package and of the rooms only what it shows', async () => {
  const { metafile } = await build({
    entryPoints: [join(root, 'src/cli/main.ts')],
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    outfile: 'main.js',
    external: ['./program.ts'],
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.filter((path) => /node_modules|^src\/(git|claude|process|worker)\//.test(path))).toEqual([
    'src/git/claimPaths.ts',
    'src/process/proc.ts',
    'src/process/family.ts',
  ]);
  expect(inputs).toContain('src/store/glance.ts');
  expect(metafile.outputs['main.js']?.bytes).toBeLessThan(90_000);
  const imported = metafile.outputs['main.js']?.imports.map(({ path }) => path);
  // Node evaluates all of a module that is imported so, and this one has half of Node behind it.
  expect(imported).not.toContain('node:util');
});

test('every command takes --json and --help, and whatever starts, lands or ends something takes --dry-run', async () => {
  const program = await describeProgram();
  const names = program.options.map(({ long, short }) => long ?? short);
  expect(names).toEqual(expect.arrayContaining(['-C', '--json', '--store', '--version']));
  const dry = program.commands.flatMap((command) =>
    [command, ...command.commands]
      .filter(({ options }) => options.some(({ long }) => long === '--dry-run'))
      .map((each) => (each === command ? command.name() : `${command.name()} ${each.name()}`)),
  );
  expect(dry).toEqual([
    'init',
    'run',
    'up',
    'start',
    'task add',
    'task cancel',
    'task retry',
    'worker stop',
    'review approve',
    'review request-changes',
    'review reject',
    'merge',
    'snapshot restore',
  ]);
});
