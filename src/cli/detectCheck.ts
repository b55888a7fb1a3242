/** Reads a file at the top of the repository; undefined when there is none. */
export type ReadFile = (name: string) => Promise<string | undefined>;

/** The command by which a repository seems to test itself; undefined when it does not tell. */
export async function detectCheck(read: ReadFile): Promise<string | undefined> {
  return (await fromPackage(read)) ?? (await fromOthers(read));
}

const lockFiles = [
  ['pnpm-lock.yaml', 'pnpm test'],
  ['yarn.lock', 'yarn test'],
  ['bun.lock', 'bun run test'],
  ['bun.lockb', 'bun run test'],
] as const;

async function fromPackage(read: ReadFile): Promise<string | undefined> {
  const text = await read('package.json');
  if (text === undefined) return undefined;
  const test = testScript(text);
  // What `npm init` writes only says that there are no tests.
  if (test === undefined || test.includes('no test specified')) return undefined;
  for (const [file, command] of lockFiles) if ((await read(file)) !== undefined) return command;
  return 'npm test';
}

function testScript(text: string): string | undefined {
  try {
    const { scripts } = JSON.parse(text) as { scripts?: { test?: unknown } };
    return typeof scripts?.test === 'string' ? scripts.test : undefined;
  } catch {
    return undefined;
  }
}

async function fromOthers(read: ReadFile): Promise<string | undefined> {
  if ((await read('Cargo.toml')) !== undefined) return 'cargo test';
  if ((await read('go.mod')) !== undefined) return 'go test ./...';
  const makefile = await read('Makefile');
  const target = ['check', 'test'].find((name) => new RegExp(`^${name}\\s*:(?!=)`, 'm').test(makefile ?? ''));
  if (target !== undefined) return `make ${target}`;
  const pyproject = await read('pyproject.toml');
  if (pyproject === undefined) return undefined;
  if ((await read('uv.lock')) !== undefined) return 'uv run pytest';
  return (await read('poetry.lock')) !== undefined ? 'poetry run pytest' : 'python -m pytest';
}
