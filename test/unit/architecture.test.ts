import { readdir, readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** The floor plan: which rooms each room may see, and which packages it may use. `node:` stands for all of Node's own modules. */
const rooms: Readonly<Record<string, { readonly sees: readonly string[]; readonly packages: readonly string[] }>> = {
  base: { sees: [], packages: [] },
  core: { sees: ['base'], packages: [] },
  store: { sees: ['base', 'core'], packages: ['better-sqlite3', 'kysely', 'node:'] },
  git: { sees: ['base', 'core'], packages: ['simple-git', 'execa', 'node:'] },
  claude: { sees: ['base', 'core'], packages: ['execa', 'zod', 'node:'] },
  process: { sees: ['base', 'core'], packages: ['execa', 'node:'] },
  worker: {
    sees: ['base', 'core', 'store', 'git', 'claude', 'process'],
    packages: ['@modelcontextprotocol/server', 'zod', 'node:'],
  },
  bridge: { sees: ['base', 'core', 'store', 'git', 'claude', 'process'], packages: ['yaml', 'node:'] },
  extension: {
    sees: ['base', 'core', 'store', 'git', 'claude', 'process', 'worker', 'bridge'],
    packages: ['vscode', 'yaml', 'node:'],
  },
  cli: {
    sees: ['base', 'core', 'store', 'git', 'claude', 'process', 'worker', 'bridge'],
    packages: ['commander', 'yaml', 'node:'],
  },
};

const source = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src');
const imported = /(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s*['"]([^'"]+)['"]|import\s*\(?\s*['"]([^'"]+)['"]/g;

/** Every breach of the floor plan in one file, in words. `path` is relative to `src`, with `/`. */
function breaches(path: string, text: string): readonly string[] {
  const room = path.split('/')[0] ?? '';
  const plan = rooms[room];
  if (!plan) return [`${path}: there is no room ${room}`];
  return Array.from(text.matchAll(imported), (match) => match[1] ?? match[2] ?? '').flatMap((name) => {
    if (name.startsWith('.')) {
      const other = posix.join(posix.dirname(path), name).split('/')[0] ?? '';
      return other === room || plan.sees.includes(other) ? [] : [`${path} sees ${other}`];
    }
    const builtin = name.startsWith('node:') || builtinModules.includes(name);
    const known = builtin
      ? plan.packages.includes('node:')
      : plan.packages.some((each) => name === each || name.startsWith(`${each}/`));
    return known ? [] : [`${path} uses ${name}`];
  });
}

async function sourceFiles(): Promise<readonly { path: string; text: string }[]> {
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name));
  return Promise.all(
    files.map(async (file) => {
      const full = join(file.parentPath, file.name);
      return { path: relative(source, full).split(sep).join('/'), text: await readFile(full, 'utf8') };
    }),
  );
}

test('nobody imports upward, and no room uses a package that is not its own', async () => {
  const files = await sourceFiles();
  expect(files.length).toBeGreaterThan(40);
  expect(files.flatMap((file) => breaches(file.path, file.text))).toEqual([]);
});

test('the floor plan can be broken: types, dynamic imports and re-exports count too', () => {
  expect([
    ...breaches('core/x.ts', `import type { Uri } from 'vscode';`),
    ...breaches('core/flow/x.ts', `import { join } from 'node:path';`),
    ...breaches('git/x.ts', `const store = await import('../store/open.ts');`),
    ...breaches('cli/commands/x.ts', `export { panel } from '../../extension/panel.ts';`),
    ...breaches('base/x.ts', `import {\n  titleOf,\n} from '../core/model/task.ts';`),
    ...breaches('attic/x.ts', ''),
  ]).toEqual([
    'core/x.ts uses vscode',
    'core/flow/x.ts uses node:path',
    'git/x.ts sees store',
    'cli/commands/x.ts sees extension',
    'base/x.ts sees core',
    'attic/x.ts: there is no room attic',
  ]);
});

test('no file of the product is longer than 500 lines', async () => {
  const long = (await sourceFiles()).filter((file) => file.text.split('\n').length > 500);
  expect(long.map((file) => file.path)).toEqual([]);
});

test('core reads no clock and no source of chance', async () => {
  const core = (await sourceFiles()).filter((file) => file.path.startsWith('core/'));
  const forbidden =
    /\b(Date\.now|new Date\(\)|Math\.random|performance\.now|setTimeout|setInterval|process\.(env|cwd|pid|exit|on|argv|platform))/;
  expect(core.filter((file) => forbidden.test(file.text)).map((file) => file.path)).toEqual([]);
});
