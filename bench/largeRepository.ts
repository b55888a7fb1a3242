import { mkdir } from 'node:fs/promises';
import { runProgram } from './measure.ts';

/** Makes a repository of so many small text files in folders of a hundred, one commit, branch `main`. */
export async function createLargeRepository(folder: string, files: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const git = (args: readonly string[], input?: string) =>
    runProgram('git', args, { cwd: folder, ...(input === undefined ? {} : { input }) });
  await git(['init', '--quiet', '--initial-branch=main']);
  await git(['config', 'user.name', 'Ada']);
  await git(['config', 'user.email', 'ada@example.com']);
  const contents = Array.from({ length: files }, (_, index) => {
    const text = `export const value${index} = ${index};\n`.repeat(25);
    return `M 100644 inline ${pathOf(index)}\ndata ${text.length}\n${text}\n`;
  });
  const message = 'Begin';
  const head = `commit refs/heads/main\ncommitter Ada <ada@example.com> 1700000000 +0000\ndata ${message.length}\n${message}\n`;
  await git(['fast-import', '--quiet'], `${head}${contents.join('')}\n`);
  await git(['reset', '--quiet', '--hard', 'main']);
}

/** Where the file of that number lies. */
export const pathOf = (index: number): string => `src/part${Math.floor(index / 100)}/file${index}.ts`;
