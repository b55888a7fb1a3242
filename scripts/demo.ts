// The main job from end to end, as a person would do it on the command line: `npm run demo`, `npm run demo -- --real`.
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify, styleText } from 'node:util';
import { claudeHome } from '../test/support/model/claudeHome.ts';
import { startModel } from '../test/support/model/server.ts';
import { createSampleRepository } from './sample/repository.ts';
import { sampleScenarios, sampleTasks } from './sample/tasks.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const cli = join(root, 'dist', 'cli', 'main.js');
const real = process.argv.includes('--real');

const say = (line = '') => console.log(line);
const title = (line: string) => say(`\n${styleText('bold', line)}`);

/** Runs one program with its output shown; resolves to its exit code. */
function show(
  program: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<number> {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

interface StatusTask {
  readonly id: string;
  readonly title: string;
  readonly state: string;
}

async function demo(): Promise<number> {
  title('Swarm, the main job: four tasks, three workers, a claim, reviews, merges');
  if ((await show(process.execPath, [join(root, 'scripts', 'build.ts')], { cwd: root, env: process.env })) !== 0)
    return 1;

  const folder = await realpath(await mkdtemp(join(tmpdir(), 'swarm-demo-')));
  const repo = join(folder, 'tea shop');
  await mkdir(repo);
  await createSampleRepository(repo);
  const tasks = join(folder, 'tasks.yaml');
  await writeFile(tasks, sampleTasks);

  await using model = real ? undefined : await startModel(...sampleScenarios);
  const env = model ? await scripted(folder, repo, model.url) : process.env;
  say(`The repository:   ${repo}`);
  say(
    model
      ? 'Claude Code:      the real one, but its model is a script on this computer. No account, no network, no cost.'
      : 'Claude Code:      your own, with your account. This uses your quota.',
  );

  const swarm = (...args: string[]) => {
    say(`\n${styleText('cyan', `$ swarm ${args.map((arg) => (/[\s"]/.test(arg) ? `"${arg}"` : arg)).join(' ')}`)}`);
    return show(process.execPath, [cli, ...args], { cwd: repo, env });
  };
  const list = async (): Promise<readonly StatusTask[]> => {
    const { stdout } = await promisify(execFile)(process.execPath, [cli, 'status', '--json'], { cwd: repo, env });
    return (JSON.parse(stdout) as { tasks: StatusTask[] }).tasks;
  };
  const unmerged = async () => (await list()).filter((task) => task.state !== 'merged');
  const inReview = async () => (await list()).filter((task) => task.state === 'in_review');

  title('1. Fan out: three sessions work at once, two of them want the same file, the fourth task waits for the first');
  await swarm('run', '--file', tasks, '--workers', '3');

  title('The file belongs to one of the two until its work is merged; the other one waits for it');
  await swarm('claims');
  await swarm('task', 'list');

  title('2. Review: read, approve, ask for changes on one');
  await swarm('review', 'list');
  const [first] = (await inReview()).filter((task) => task.title !== 'Opening hours');
  if (first) await swarm('review', 'diff', first.id);
  for (const task of await inReview()) {
    if (task.title !== 'Opening hours') await swarm('review', 'approve', task.id);
    else await swarm('review', 'request-changes', task.id, '--note', 'Say what happens on public holidays.');
  }

  title('3. Merge: what has landed gives its files free');
  await swarm('merge', '--dry-run');
  await swarm('merge');

  title('4. Go on: the same sessions answer the review and take up the file, the fourth task starts');
  for (let round = 0; round < 3 && (await unmerged()).length > 0; round++) {
    await swarm('up', '--workers', '3', '--until', 'idle');
    for (const task of await inReview()) await swarm('review', 'approve', task.id);
    await swarm('merge');
  }

  title('5. The end');
  await swarm('status');
  const left = await unmerged();
  const check = await show(process.execPath, ['--test', '--test-reporter=dot'], { cwd: repo, env });
  say(`\nmain: ${check === 0 ? 'its tests pass' : 'its tests FAIL'}`);
  await show('git', ['log', '--oneline', '--graph', '--no-decorate'], { cwd: repo, env });
  if (model && model.unexpected.length > 0) say(`the script had no answer ${model.unexpected.length} times`);
  if (left.length > 0) {
    say(styleText('red', `\nnot merged: ${left.map((task) => `${task.title} (${task.state})`).join(', ')}`));
    return 1;
  }
  if (check !== 0) return 1;
  say(styleText('green', `\nAll four tasks are merged. Look around in ${repo}`));
  return 0;
}

/** An isolated Claude Code whose model is the script. */
async function scripted(folder: string, repo: string, modelUrl: string): Promise<NodeJS.ProcessEnv> {
  const home = join(folder, 'home');
  await mkdir(home);
  const claude = await claudeHome({ folder: home, modelUrl, trusts: [repo] });
  return {
    ...claude.env,
    SWARM_CLAUDE: claude.binary,
    SWARM_CONFIG_DIR: join(home, 'swarm'),
    FORCE_COLOR: process.stdout.isTTY ? '1' : '0',
  };
}

process.exitCode = await demo();
