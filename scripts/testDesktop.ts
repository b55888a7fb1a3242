// Runs the suite of test/e2e/host in a desktop VS Code, a downloaded one or your own: npm run test:desktop [-- --vscode /path/to/code].
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { downloadAndUnzipVSCode, runTests, TestRunFailedError } from '@vscode/test-electron';
import { execa } from 'execa';
import { AppError, messageOf, UsageError } from '../src/base/errors.ts';
import { openStage } from '../test/e2e/host/stage.ts';
import { tempFolder } from '../test/support/tempFolder.ts';
import { cacheFolder } from '../test/support/vscode/install.ts';
import { quietSettings } from '../test/support/vscode/server.ts';

const root = join(import.meta.dirname, '..');

async function testDesktop(): Promise<boolean> {
  const { values } = parseArgs({ options: { vscode: { type: 'string' } } });
  const program = values.vscode === undefined ? await downloaded() : await own(values.vscode);
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    throw new AppError('no_screen', 'VS Code needs a screen, and there is none.', {
      hint: 'A virtual one will do: xvfb-run -a npm run test:desktop (Debian: sudo apt-get install xvfb).',
    });
  }
  console.log('Building the extension.');
  await execa('node', ['scripts/build.ts'], { cwd: root });
  await using folder = await tempFolder();
  await using stage = await openStage(folder.path);
  const userData = join(folder.path, 'user');
  await mkdir(join(userData, 'User'), { recursive: true });
  await writeFile(join(userData, 'User', 'settings.json'), JSON.stringify(quietSettings));
  const profile = [`--user-data-dir=${userData}`, `--extensions-dir=${join(folder.path, 'extensions')}`];
  const code = await runTests({
    vscodeExecutablePath: program,
    extensionDevelopmentPath: root,
    extensionTestsPath: stage.suite,
    extensionTestsEnv: { ...withoutTraces(process.env), ...stage.env },
    launchArgs: [stage.repository, ...profile],
  }).catch((error: unknown) => {
    if (error instanceof TestRunFailedError) return error.code ?? 1;
    throw error;
  });
  const { made, failed, asked, left } = await stage.outcome();
  for (const { name, error } of failed) console.error(`\n✗ ${name}\n${error}`);
  if (asked > 0) console.error(`\n✗ the model was asked ${asked} times, though nobody had signed in`);
  if (left.length > 0) console.error(`\n✗ the window has closed and kept its lease: ${left.join(', ')}`);
  console.log(`\n${made - failed.length} passed, ${failed.length} failed`);
  return code === 0 && made > 0 && failed.length + asked + left.length === 0;
}

async function downloaded(): Promise<string> {
  try {
    return await downloadAndUnzipVSCode({ cachePath: join(cacheFolder, 'vscode') });
  } catch (error) {
    throw new AppError('vscode_unavailable', `VS Code could not be downloaded: ${messageOf(error)}`, {
      hint: 'It comes from update.code.visualstudio.com. Where that cannot be reached, name a VS Code that is installed: npm run test:desktop -- --vscode /path/to/code.\nThe same suite runs in a browser VS Code from npm with: npm test -- --project e2e host',
      cause: error,
    });
  }
}

async function own(path: string): Promise<string> {
  const program = resolve(path);
  await access(program).catch((cause: unknown) => {
    throw new UsageError(`there is no VS Code at ${program}`, { cause });
  });
  return program;
}

/** Takes out what a terminal of VS Code, npm or a session of Claude Code puts there: it would change what is tested. */
function withoutTraces(env: NodeJS.ProcessEnv): Record<string, undefined> {
  const traces = Object.keys(env).filter((name) =>
    /^(ANTHROPIC_|CLAUDE|SWARM_|VSCODE_|ELECTRON_|npm_|GIT_|NODE_OPTIONS$)/i.test(name),
  );
  return Object.fromEntries(traces.map((name) => [name, undefined]));
}

try {
  process.exitCode = (await testDesktop()) ? 0 : 1;
} catch (error) {
  console.error(messageOf(error));
  if (error instanceof AppError && error.hint) console.error(error.hint);
  process.exitCode = 1;
}
