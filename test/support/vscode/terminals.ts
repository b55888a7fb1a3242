import type { Locator, Page } from 'playwright-core';
import { waitFor } from '../waitFor.ts';

/** The integrated terminals in the panel. */
export class Terminals {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Their names in the order of the list beside them; splits stand below their group's first. */
  async names(): Promise<string[]> {
    return (await this.#tabs().locator('.label-name').allTextContents()).map(plainName);
  }

  /** Brings the terminal of that name to the front and puts the cursor in it. */
  async focus(name: string): Promise<void> {
    const index = await waitFor(`the terminal “${name}”`, async () => {
      const found = (await this.names()).indexOf(name);
      return found >= 0 && { found };
    });
    // At its left edge: in the middle of a narrow list the buttons to split and to kill appear under the mouse.
    await this.#tabs()
      .nth(index.found)
      .dblclick({ position: { x: 4, y: 10 } });
    await waitFor(`the cursor in “${name}”`, async () =>
      this.#page.locator('.terminal-wrapper .xterm.focus').isVisible(),
    );
  }

  /** Types a line, and Enter, into the terminal of that name. */
  async type(name: string, line: string): Promise<void> {
    await this.focus(name);
    await this.#page.keyboard.type(line);
    await this.#page.keyboard.press('Enter');
  }

  /** Brings the terminal to the front and returns its lines, scrolled-off ones too, without the empty end. */
  async text(name: string): Promise<string> {
    await this.focus(name);
    const wrapper = this.#page.locator('.terminal-wrapper', { has: this.#page.locator('.xterm.focus') });
    return wrapper.evaluate((element) => {
      // VS Code hangs its terminal emulator on this element, for tests like ours.
      const { buffer } = (element as unknown as { xterm: XtermTerminal }).xterm;
      const lines = Array.from({ length: buffer.active.length }, (_, row) => buffer.active.getLine(row));
      return lines
        .map((line) => line?.translateToString(true) ?? '')
        .join('\n')
        .trimEnd();
    });
  }

  #tabs(): Locator {
    return this.#page.locator('.terminal-tabs-entry');
  }
}

/** The little of xterm.js that is needed to read a screen. */
interface XtermTerminal {
  readonly buffer: {
    readonly active: {
      readonly length: number;
      getLine(row: number): { translateToString(trimRight: boolean): string } | undefined;
    };
  };
}

/** Without the lines that VS Code draws before the names of split terminals. */
function plainName(text: string): string {
  return text.replace(/^[┌├└]\s*/u, '').trim();
}
