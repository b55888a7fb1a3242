// Bundles the command line and the extension into dist/: node scripts/build.ts [--watch] [--sourcemap]
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { BuildOptions, Metafile, Plugin } from 'esbuild';
import { build, context, transform } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values: flags } = parseArgs({ options: { watch: { type: 'boolean' }, sourcemap: { type: 'boolean' } } });

/** The native module lies beside the bundles, not inside a package. */
const nativeBeside: Plugin = {
  name: 'native-beside',
  setup(plugin) {
    plugin.onLoad({ filter: /better-sqlite3[\\/]lib[\\/]binding\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const place = `path.join(__dirname, '..', 'prebuilds', `;
      if (!text.includes(place)) throw new Error(`${path} looks for its binary elsewhere than this script knows`);
      return { contents: text.replace(place, `path.join(__dirname, '..', 'native', `), loader: 'js' };
    });
  },
};

/** The lean commands and the program are bundles of their own: what Node makes of them can be kept for the next start. */
const bundlesBeside: Plugin = {
  name: 'bundles-beside',
  setup(plugin) {
    plugin.onResolve({ filter: /^\.\/(leanLook|leanVerb|program)\.ts$/ }, ({ path }) => ({
      path: path.replace(/ts$/, 'js'),
      external: true,
    }));
  },
};

/**
 * An `import` of one of Node's own modules evaluates everything that the module offers; asking for it in this way only
 * what is used. A Node too old for it must still come as far as to be told so.
 */
const builtinsAsAsked: Plugin = {
  name: 'builtins-as-asked',
  setup(plugin) {
    plugin.onResolve({ filter: /^node:/ }, ({ path, kind }) => ({
      path,
      namespace: kind === 'require-call' ? 'required' : 'imported',
    }));
    const asked = (path: string) => `process.getBuiltinModule?.('${path}') ?? {}`;
    plugin.onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = ${asked(path)}`,
      loader: 'js',
    }));
    plugin.onLoad({ filter: /.*/, namespace: 'imported' }, ({ path }) => {
      const names = Object.keys(process.getBuiltinModule(path) ?? {}).filter((name) => name !== 'default');
      // Each by itself, so that those that nobody imports are left out.
      const exported = names.map((name) => `export const ${name} = /* @__PURE__ */ (() => all.${name})();`);
      return { contents: [`const all = ${asked(path)};`, 'export default all;', ...exported].join('\n'), loader: 'js' };
    });
  },
};

const writtenAsCommonJs: Plugin = {
  name: 'written-as-commonjs',
  setup(plugin) {
    plugin.onEnd(async ({ outputFiles = [] }) => {
      for (const { path, text } of outputFiles) {
        const { code } = await transform(text, {
          format: 'cjs',
          platform: 'node',
          target: 'node22',
          minify: true,
          supported: { 'dynamic-import': false },
          sourcemap: flags.sourcemap ? 'inline' : false,
        });
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, code);
      }
    });
  },
};

const shared: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node22',
  mainFields: ['module', 'main'],
  minify: true,
  keepNames: true,
  sourcemap: flags.sourcemap ? 'linked' : false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

/** The command line's first file, and what answers the lean commands alone. */
const main: BuildOptions = {
  ...shared,
  entryPoints: { main: 'src/cli/main.ts', leanLook: 'src/cli/leanLook.ts', leanVerb: 'src/cli/leanVerb.ts' },
  outdir: 'dist/cli',
  format: 'esm',
  // Names of classes are for messages, and this part has none.
  keepNames: false,
  plugins: [bundlesBeside, builtinsAsAsked],
};

/** Modules in parts: what a command or a view needs is read only when it is needed. */
const inParts: BuildOptions = {
  ...shared,
  format: 'esm',
  splitting: true,
  chunkNames: '[name]-[hash]',
  banner: {
    js: [
      `import{createRequire as ownRequire}from'node:module';`,
      `const require=ownRequire(import.meta.url),__dirname=import.meta.dirname,__filename=import.meta.filename;`,
    ].join(''),
  },
  plugins: [nativeBeside, builtinsAsAsked],
};

/** Everything else of the command line. */
const program: BuildOptions = { ...inParts, entryPoints: { program: 'src/cli/program.ts' }, outdir: 'dist/cli' };

/**
 * The extension's parts, too. VS Code asks another thread about every import of an extension, and starts others meanwhile;
 * `require` it answers at once. The bundler makes parts of ES modules only, so each is turned into CommonJS afterwards.
 */
const extension: BuildOptions = {
  ...inParts,
  entryPoints: { main: 'src/extension/main.ts' },
  outdir: 'dist/extension',
  outExtension: { '.js': '.cjs' },
  banner: {},
  external: ['vscode'],
  sourcemap: flags.sourcemap ? 'inline' : false,
  write: false,
  plugins: [nativeBeside, writtenAsCommonJs],
};

/** What there is to build: a name for people, where it goes and how. */
const bundles = [
  { name: 'cli', folder: 'cli', options: main, entry: 'src/cli/main.ts' },
  { name: 'program', folder: 'cli', options: program, entry: 'src/cli/program.ts' },
  { name: 'extension', folder: 'extension', options: extension, entry: 'src/extension/main.ts' },
].filter(({ entry }) => existsSync(join(root, entry)));

await Promise.all(bundles.map(({ folder }) => rm(join(root, 'dist', folder), { recursive: true, force: true })));
await copyNative();
if (flags.watch) {
  for (const { name, options } of bundles) {
    const watched = await context({ ...options, plugins: [...(options.plugins ?? []), tellAfterEach(name)] });
    await watched.watch();
  }
  console.log('watching; Ctrl-C ends it');
} else {
  await Promise.all(
    bundles.map(async ({ name, options }) => {
      const { metafile } = await build(options);
      if (metafile) await finish(name, metafile);
    }),
  );
}

function tellAfterEach(name: string): Plugin {
  return {
    name: 'tell',
    setup: (plugin) =>
      plugin.onEnd(async ({ metafile, errors }) => {
        if (metafile && errors.length === 0) await finish(name, metafile);
      }),
  };
}

async function finish(name: string, metafile: Metafile): Promise<void> {
  await mkdir(join(root, '.cache'), { recursive: true });
  await writeFile(join(root, '.cache', `${name}-metafile.json`), JSON.stringify(metafile));
  if (name === 'cli') await chmod(join(root, 'dist', 'cli', 'main.js'), 0o755);
  const outputs = Object.entries(metafile.outputs).filter(([path]) => !path.endsWith('.map'));
  const total = outputs.reduce((sum, [, { bytes }]) => sum + bytes, 0);
  console.log(`${name.padEnd(10)} ${kilobytes(total)}${outputs.length === 1 ? '' : ` in ${outputs.length} files`}`);
}

/** Copies the binaries of every platform; a package for one platform leaves the others out. */
async function copyNative(): Promise<void> {
  const from = join(root, 'node_modules', 'better-sqlite3', 'prebuilds');
  const to = join(root, 'dist', 'native');
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true });
  const own = join(to, `${process.platform}-${process.arch}.node`);
  if (existsSync(own)) console.log(`native     ${relative(root, own)} ${kilobytes((await stat(own)).size)}`);
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`;
}
