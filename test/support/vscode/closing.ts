import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';
import { pictures } from './install.ts';
import type { VSCodeWindow } from './window.ts';

/** What the tests of one file share; what could not be opened is absent. */
interface Shared {
  readonly window: VSCodeWindow | undefined;
  /** Closed after the window. */
  readonly behind: AsyncDisposable | undefined;
}

/** Photographs the window of a test that has failed, and closes what the tests of the file share after the last one. */
export function closeAfterTests(shared: () => Shared): void {
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await shared().window?.screenshot(join(pictures, `failed ${task.name}.png`));
  });
  afterAll(async () => {
    const { window, behind } = shared();
    await window?.[Symbol.asyncDispose]();
    await behind?.[Symbol.asyncDispose]();
  });
}
