import { writeFile } from 'node:fs/promises';
import { checks } from './checks.ts';

/** One check that was made; `error` says why it failed. */
export interface Checked {
  readonly name: string;
  readonly error?: string;
}

/** Makes every check, writes what came of them to the file that `SWARM_HOST_REPORT` names, and rejects when one failed. */
export async function run(): Promise<void> {
  const made: Checked[] = [];
  for (const [name, check] of Object.entries(checks)) {
    const error = await check().then(
      () => undefined,
      (reason: unknown) => (reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)),
    );
    made.push({ name, ...(error === undefined ? {} : { error }) });
  }
  await writeFile(process.env.SWARM_HOST_REPORT ?? '', JSON.stringify(made, undefined, 2));
  if (made.some(({ error }) => error !== undefined)) throw new Error('not every check held');
}
