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

test.each([
  ['leanLook.ts', 'src/store/glance.ts', [], 40_000],
  [
    'leanVerb.ts',
    'src/store/lean.ts',
    ['src/git/claimPaths.ts', 'src/process/proc.ts', 'src/process/family.ts'],
    70_000,
  ],
])(
  'what answers a lean command loads no package and of the rooms only what it needs: %s',
  async (file, loaded, rooms, bytes) => {
    const { metafile } = await build({
      entryPoints: [join(root, 'src/cli', file)],
      absWorkingDir: root,
      bundle: true,
      write: false,
      metafile: true,
      minify: true,
      platform: 'node',
      format: 'esm',
      outfile: 'lean.js',
    });
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.filter((path) => /node_modules|^src\/(git|claude|process|worker)\//.test(path))).toEqual(rooms);
    expect(inputs).toContain(loaded);
    expect(metafile.outputs['lean.js']?.bytes).toBeLessThan(bytes);
    const imported = metafile.outputs['lean.js']?.imports.map(({ path }) => path);
    // Node evaluates all of a module that is imported so, and these have half of Node behind them.
    expect(imported).not.toEqual(expect.arrayContaining([expect.stringMatching(/^node:(util|crypto|child_process)$/)]));
  },
);

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
