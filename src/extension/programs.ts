import { delimiter, join } from 'node:path';

/** The programs and folders that the extension brings with it. Absolute paths. */
export interface Programs {
  /** The command line, run by the Node inside VS Code. */
  readonly cli: string;
  /** Holds `swarm` for the PATH of terminals. */
  readonly bin: string;
}

/** Where they lie in an installed extension. */
export const programsIn = (extension: string): Programs => ({
  cli: join(extension, 'dist', 'cli', 'main.js'),
  bin: join(extension, 'media', 'bin'),
});

/** What a terminal of ours needs in its environment, besides what every terminal has. */
export function terminalEnvironment(programs: Programs, env: NodeJS.ProcessEnv): Record<string, string> {
  return {
    ELECTRON_RUN_AS_NODE: '1',
    PATH: [programs.bin, env.PATH ?? ''].filter(Boolean).join(delimiter),
    SWARM_NODE: process.execPath,
  };
}
