import { join } from 'node:path';
import { packageExtension } from '../scripts/vsix.ts';
import { AppError } from '../src/base/errors.ts';
import { openWindow, type VSCodeWindow } from '../test/support/vscode/window.ts';
import { waitFor } from '../test/support/waitFor.ts';
import { Skipped, type World } from './benchmark.ts';

/** A busy machine takes its time. */
const patienceMs = 60_000;

/** A real VS Code with the packaged extension, and `more` ones, in it. Skips the benchmark where there can be none. */
export async function openEditor(
  world: World,
  repository: string,
  more: readonly string[] = [],
): Promise<VSCodeWindow> {
  try {
    return await openWindow(repository, {
      dataFolder: join(world.folder, 'vscode'),
      env: { PATH: process.env.PATH ?? '', HOME: world.folder, LANG: 'C.UTF-8' },
      vsix: [await packageExtension(world.say), ...more],
      workspaceTrust: false,
      progress: world.say,
    });
  } catch (error) {
    if (AppError.is(error, 'vscode_unavailable') || AppError.is(error, 'chromium_unavailable'))
      throw new Skipped(error.message);
    throw error;
  }
}

/** What VS Code itself has measured of one extension's start, in milliseconds. */
export interface Activation {
  /** Reading its code and calling it, what others did meanwhile included. */
  readonly begun: number;
  /** Until what it was called for has resolved. */
  readonly whole: number;
}

/** Reads the activation of extensions from VS Code's report on its own start, as soon as all of them are in it. */
export async function activations<Id extends string>(
  { page }: VSCodeWindow,
  ids: readonly Id[],
): Promise<Readonly<Record<Id, Activation>>> {
  // The report is a document; only lines on screen can be read.
  await page.setViewportSize({ width: 1600, height: 2400 });
  return waitFor(
    `the activation of ${ids.join(' and ')}`,
    async () => {
      await run(page, 'View: Close All Editors');
      await run(page, 'Developer: Startup Performance');
      await page.locator('.view-line', { hasText: 'Extension Activation Stats' }).waitFor({ timeout: 5_000 });
      const lines = await page.locator('.view-line').allTextContents();
      const found = ids.map((id) => [id, activationIn(lines, id)] as const);
      return found.every(([, activation]) => activation) && (Object.fromEntries(found) as Record<Id, Activation>);
    },
    patienceMs,
  );
}

/** `| vscode.git | true | 57 | 24 | 203 | * | vscode.git |`: eager, load, call, finish. */
function activationIn(lines: readonly string[], id: string): Activation | undefined {
  const cells = lines.map((line) =>
    line
      .replaceAll('\u00a0', ' ')
      .split('|')
      .map((cell) => cell.trim()),
  );
  const [load, call, finish] = (cells.find(([, name]) => name === id) ?? []).slice(3, 6).map(Number);
  if (load === undefined || call === undefined || finish === undefined || Number.isNaN(load + call + finish))
    return undefined;
  return { begun: load + call, whole: load + call + finish };
}

/** Runs a command from the palette by keys alone, which works even while the page is too busy for the mouse. */
async function run(page: VSCodeWindow['page'], title: string): Promise<void> {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget:visible input').fill(`>${title}`);
  await page.locator('.quick-input-list .monaco-list-row.focused', { hasText: title }).waitFor({ timeout: 10_000 });
  await page.keyboard.press('Enter');
  await page.locator('.quick-input-widget:visible').waitFor({ state: 'detached', timeout: 10_000 });
}
