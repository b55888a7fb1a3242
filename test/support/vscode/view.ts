import type { Locator, Page } from 'playwright-core';
import { labelled } from './label.ts';

/** One line of a tree as a person reads it. */
export interface TreeRow {
  readonly label: string;
  readonly description: string;
  /** 1 for the roots. */
  readonly level: number;
}

/** A view in the side bar: its tree, or its welcome text while it is empty. */
export class View {
  readonly #page: Page;
  readonly #pane: Locator;

  constructor(page: Page, name: string) {
    this.#page = page;
    this.#pane = page.locator('.pane', { has: page.locator(`.pane-header[aria-label^="${name}"]`) });
  }

  /** Shows what is in it when only its header is on screen. */
  async unfold(): Promise<void> {
    const header = this.#pane.locator('.pane-header');
    if ((await header.getAttribute('aria-expanded')) === 'false') await header.click();
  }

  /** The rows on screen, top to bottom. */
  async rows(): Promise<TreeRow[]> {
    return this.#pane.locator('.monaco-list-row').evaluateAll((rows) =>
      rows
        .map((row) => ({
          index: Number(row.getAttribute('data-index')),
          label: row.querySelector('.label-name')?.textContent ?? '',
          description: row.querySelector('.label-description')?.textContent ?? '',
          level: Number(row.getAttribute('aria-level')),
        }))
        .toSorted((one, other) => one.index - other.index)
        .map(({ index: _place, ...row }) => row),
    );
  }

  /** The labels of the rows that are chosen. */
  async chosen(): Promise<string[]> {
    return this.#pane.locator('.monaco-list-row.selected .label-name').allTextContents();
  }

  /** Presses the row of that label: opens it, or folds it out or in. */
  async press(label: string): Promise<void> {
    await this.#row(label).click();
  }

  /** What the hover over the row says. */
  async hover(label: string): Promise<string> {
    await this.#page.mouse.move(0, 0);
    await this.#row(label).locator('.label-name').hover();
    const hover = this.#page.locator('.monaco-hover:visible');
    await hover.waitFor();
    return (await hover.allInnerTexts()).join('\n').trim();
  }

  /** Presses the inline action of that title on the row. */
  async action(label: string, title: string): Promise<void> {
    await this.#row(label).hover();
    await this.#row(label).locator(`.action-label[aria-label^="${title}"]`).click();
  }

  /** Presses the button of that title in the view's header. */
  async headerAction(title: string): Promise<void> {
    await this.#pane.locator('.pane-header').hover();
    await this.#pane.locator(`.pane-header .action-label[aria-label^="${title}"]`).click();
  }

  /** The welcome text with the labels of its links and buttons, or empty. */
  async welcome(): Promise<string> {
    return (await this.#pane.locator('.welcome-view-content:visible').allInnerTexts()).join('\n').trim();
  }

  /** Presses the link or button of that label in the welcome text. */
  async pressWelcome(label: string): Promise<void> {
    await this.#pane.locator('.welcome-view-content').getByRole('button', { name: label, exact: true }).click();
  }

  #row(label: string): Locator {
    return labelled(this.#pane.locator('.monaco-list-row'), label);
  }
}
