/** What a change has to hold before anything is run: a heading for people, and the program that tells, found on PATH. */
export const quickChecks: readonly (readonly [heading: string, program: string, ...args: string[]])[] = [
  ['Types', 'tsc', '--noEmit', '-p', 'tsconfig.json'],
  ['Lint and format', 'biome', 'check'],
  ['Unused code', 'knip', '--no-progress'],
  ['Generated files', 'node', 'scripts/generate.ts', '--check'],
];
