import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One session that the plan expects. */
export interface PlannedSession {
  /** A part of the prompt that it is for. */
  readonly prompt: string;
  /** Files it writes, by their paths in its folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** Commits everything with this message; absent: leaves it uncommitted. */
  readonly commit?: string;
  readonly says?: string;
  /** Ends with this error. */
  readonly fails?: string;
  /** Does nothing until this file exists. */
  readonly waitsFor?: string;
  readonly costUsd?: number;
}

export interface Plan {
  readonly sessions: readonly PlannedSession[];
  readonly signedIn: boolean;
  readonly version: string;
}

/** A `claude` executable that plays a plan where only the command line around it is meant. */
export interface ScriptedClaude {
  /** Absolute path of the executable. */
  readonly path: string;
  /** True once the first session planned with this prompt has begun. */
  hasBegun(prompt: string): Promise<boolean>;
  /** What was asked for and not planned, and what was planned and not asked for. */
  problems(): Promise<readonly string[]>;
}

/** Makes the executable in `folder`, which must be its own. */
export async function scriptedClaude(folder: string, plan: Partial<Plan> = {}): Promise<ScriptedClaude> {
  const whole: Plan = { sessions: [], signedIn: true, version: '2.1.197', ...plan };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'plan.json'), JSON.stringify(whole));
  const path = join(folder, 'claude');
  const words = [process.execPath, join(import.meta.dirname, 'program.ts'), folder].map((word) => `'${word}'`);
  await writeFile(path, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`);
  await chmod(path, 0o755);
  return {
    path,
    hasBegun: (prompt) => exists(join(folder, `used-${whole.sessions.findIndex((each) => each.prompt === prompt)}`)),
    async problems() {
      const unplanned = await readFile(join(folder, 'unplanned.txt'), 'utf8').catch(() => '');
      const used = await Promise.all(whole.sessions.map((_, at) => exists(join(folder, `used-${at}`))));
      return [
        ...unplanned.split('\n').filter((line) => line !== ''),
        ...whole.sessions.filter((_, at) => !used[at]).map(({ prompt }) => `nobody asked for “${prompt}”`),
      ];
    },
  };
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
