import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Desk, type DeskOptions, desk } from '../../support/commandLine.ts';
import { mayMount, type SmallDisk, smallDisk } from '../../support/smallDisk.ts';
import { said } from '../../support/untouched.ts';
import { waitFor } from '../../support/waitFor.ts';

const megabyte = 1 << 20;
const tea = { prompt: 'Write tea.txt', files: { 'tea.txt': 'assam\n' }, commit: 'Add tea' };
const milk = { prompt: 'Write milk.txt', files: { 'milk.txt': 'oat\n' }, commit: 'Add milk' };

/** What nothing makes smaller. */
const noise = (bytes: number) => randomBytes(Math.ceil(bytes * 0.75)).toString('base64');

/** A desk with its repository on a disk of its own, which holds four megabytes of files. */
async function onSmallDisk(
  stack: AsyncDisposableStack,
  options: DeskOptions,
): Promise<{ place: Desk; disk: SmallDisk; folder: string }> {
  const disk = stack.use(await smallDisk(80));
  const place = stack.use(await desk({ files: { 'large.txt': noise(4 * megabyte) }, ...options }));
  const folder = join(disk.path, 'my repo');
  await place.repo.git(['clone', '--quiet', place.repo.path, folder]);
  await place.repo.git(['config', 'user.name', 'Ada'], folder);
  await place.repo.git(['config', 'user.email', 'ada@example.com'], folder);
  return { place, disk, folder };
}

const tasksOf = async ({ json }: Desk, folder: string) =>
  (
    (await json(['task', 'list'], { folder })).json as {
      tasks: { title: string; state: string; reason: string | null }[];
    }
  ).tasks;

/** What git finds wrong with the repository. */
const damage = ({ repo }: Desk, folder: string) => repo.git(['fsck', '--no-dangling', '--no-progress'], folder);

describe.runIf(mayMount)('on a full disk', () => {
  test('nothing more begins, nothing breaks, and all goes on by itself when there is room', async () => {
    await using stack = new AsyncDisposableStack();
    const { place, disk, folder } = await onSmallDisk(stack, { sessions: [tea, milk] });
    await place.swarm(['setup', '--trust'], { folder });
    await place.swarm(['task', 'add', 'Write tea.txt', 'Write milk.txt', '--workers', '1'], { folder });
    await disk.fill(megabyte);
    const up = place.start(['up', '--until', 'idle'], { folder });
    await waitFor('the disk to be told full', () => up.printed.stderr.includes('the disk is full'));
    const during = {
      // Which of the two has begun, and whether its worker could still say so, depends on what was full first.
      ended: (await tasksOf(place, folder)).filter(({ state }) => !['leased', 'queued'].includes(state)),
      damage: await damage(place, folder),
      unclean: await place.repo.git(['--no-optional-locks', 'status', '--porcelain'], folder),
    };
    await disk.empty();
    const { code } = await up.ended;
    expect({
      during,
      code,
      states: (await tasksOf(place, folder)).map(({ state }) => state),
      damage: await damage(place, folder),
    }).toEqual({
      during: { ended: [], damage: '', unclean: '' },
      code: 0,
      states: ['in_review', 'in_review'],
      damage: '',
    });
  });

  test('work that cannot be committed is kept, and handed over when there is room', async () => {
    await using stack = new AsyncDisposableStack();
    const gate = stack.use(await smallDisk(1));
    const go = join(gate.path, 'go');
    const files = { 'made.txt': noise(8 * megabyte) };
    const { place, disk, folder } = await onSmallDisk(stack, {
      sessions: [{ prompt: 'Make it', files, waitsFor: go }],
    });
    await place.swarm(['setup', '--trust'], { folder });
    const run = place.start(['run', 'Make it'], { folder });
    await waitFor('the session', () => /running +Make it/.test(run.printed.stderr));
    // Enough for the file itself, not for git's copy of it, even with the four megabytes that the store keeps for such a case.
    await disk.fill(9 * megabyte);
    await writeFile(go, '');
    await waitFor('the disk to be told full', () => run.printed.stderr.includes('the disk is full'));
    await disk.empty();
    const { code } = await run.ended;
    const [task] = await tasksOf(place, folder);
    expect([code, task?.state, await damage(place, folder)]).toEqual([0, 'in_review', '']);
    const branch = await place.repo.git(['branch', '--list', '--format=%(refname:short)', 'swarm/*'], folder);
    expect(`${await place.repo.git(['show', `${branch}:made.txt`], folder)}` === files['made.txt']).toBe(true);
  });

  test('a store that cannot even be made is said, and is made once there is room', async () => {
    await using stack = new AsyncDisposableStack();
    const { place, disk, folder } = await onSmallDisk(stack, {});
    await disk.fill(0);
    const refused = await place.swarm(['task', 'add', 'Write tea.txt'], { folder });
    await disk.empty();
    const added = await place.swarm(['task', 'add', 'Write tea.txt'], { folder });
    expect([refused.code, said(place, refused.stderr.replaceAll(disk.path, '…')), added.code]).toEqual([
      1,
      [
        expect.stringMatching(/^swarm: the disk is full: …\/my repo\/\.git\/swarm\/store\.db cannot be written$/),
        expect.stringMatching(/disk is full|no space left/),
        'Free some space; nothing that was saved before is lost.',
      ],
      0,
    ]);
  });
});
