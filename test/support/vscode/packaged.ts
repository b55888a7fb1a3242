import type { TestProject } from 'vitest/node';
import { packageExtension } from '../../../scripts/vsix.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the packaged extension. */
    readonly vsix: string;
  }
}

/** Packages the extension, once for all files: `inject('vsix')` is where it lies. */
export async function setup(project: TestProject): Promise<void> {
  project.provide('vsix', await packageExtension((line) => void process.stderr.write(`${line}\n`)));
}
