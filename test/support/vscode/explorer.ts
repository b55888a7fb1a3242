import type { Locator, Page } from 'playwright-core';
import { labelled } from './label.ts';

/** How a file is marked. */
export interface ShownMark {
  readonly badge: string;
  /** Of the badge, as CSS says it: `rgb(0, 0, 0)`. */
  readonly color: string;
}

/** The tree of files. */
export class Explorer {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** The names on screen, top to bottom. */
  async names(): Promise<string[]> {
    return this.#rows().locator('.label-name').allTextContents();
  }

  /** Presses a file or folder: opens it, or folds it out or in. */
  async press(name: string): Promise<void> {
    await this.#row(name).click();
  }

  /** The mark behind a name; its badge is empty where there is none. */
  mark(name: string): Promise<ShownMark> {
    return markOn(this.#row(name));
  }

  /** What VS Code says of a file when the mouse rests on it. */
  async hover(name: string): Promise<string> {
    await this.#page.mouse.move(0, 0);
    await this.#row(name).locator('.label-name').hover();
    const hover = this.#page.locator('.monaco-hover:visible');
    await hover.waitFor();
    return (await hover.allInnerTexts()).join('\n').trim();
  }

  /** Opens the context menu of a file or folder and returns what it offers. */
  async menu(name: string): Promise<string[]> {
    await this.#row(name).click({ button: 'right' });
    await this.#items().first().waitFor();
    return (await this.#items().allInnerTexts()).map((text) => text.split('\n')[0]?.trim() ?? '').filter(Boolean);
  }

  /** Chooses from the open context menu. */
  async choose(item: string): Promise<void> {
    // A menu that has just opened takes no click.
    await this.#items().getByText(item, { exact: true }).hover();
    await this.#page.keyboard.press('Enter');
  }

  #rows(): Locator {
    return this.#page.locator('.explorer-folders-view .monaco-list-row');
  }

  #row(name: string): Locator {
    return labelled(this.#rows(), name);
  }

  #items(): Locator {
    return this.#page.locator('.monaco-menu .action-label');
  }
}

/** The mark on a row of the tree or on a tab. */
export async function markOn(row: Locator): Promise<ShownMark> {
  const style = await row
    .locator('.monaco-icon-label')
    .first()
    .evaluate((label) => {
      // VS Code draws badges by style sheets only.
      const { content, color } = (globalThis as unknown as Browser).getComputedStyle(label, '::after');
      return { content, color };
    });
  return { badge: style.content === 'none' ? '' : style.content.replaceAll('"', ''), color: style.color };
}

/** The little of a browser's window that is needed to see a badge. */
interface Browser {
  getComputedStyle(element: unknown, part: string): { readonly content: string; readonly color: string };
}
