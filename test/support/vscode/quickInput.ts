import type { Locator, Page } from 'playwright-core';
import { labelled } from './label.ts';

/** The box at the top of the window that asks for a text or a choice: the palette, or one step of a command. */
export class QuickInput {
  readonly #box: Locator;

  constructor(page: Page) {
    this.#box = page.locator('.quick-input-widget:visible');
  }

  /** Title, step ("1/3"), placeholder, and prompt or what is wrong with the text so far, a line each; empty when nothing is asked. */
  async heading(): Promise<string> {
    return this.#box.evaluateAll((boxes) =>
      boxes
        .flatMap((box) => [
          box.querySelector('.quick-input-title')?.textContent,
          box.querySelector('.quick-input-box input')?.getAttribute('placeholder'),
          box.querySelector('.quick-input-message')?.textContent,
        ])
        .filter(Boolean)
        .join('\n'),
    );
  }

  /** The labels of the choices on screen. */
  async items(): Promise<string[]> {
    return this.#rows().evaluateAll((rows) => rows.map((row) => row.querySelector('.label-name')?.textContent ?? ''));
  }

  /** Replaces the text in the box. */
  async type(text: string, timeoutMs = 20_000): Promise<void> {
    await this.#input().fill(text, { timeout: timeoutMs });
  }

  /** Types `text` and accepts it. */
  async answer(text: string): Promise<void> {
    await this.type(text);
    await this.accept();
  }

  /** Accepts what is typed or checked. */
  async accept(): Promise<void> {
    await this.#input().press('Enter');
  }

  /** Presses the choice of exactly that label. Where several can be picked it is checked or unchecked. */
  async pick(label: string, timeoutMs = 20_000): Promise<void> {
    try {
      await labelled(this.#rows(), label).first().click({ timeout: timeoutMs });
    } catch (cause) {
      throw new Error(`there is no choice “${label}” among ${JSON.stringify(await this.items())}`, { cause });
    }
  }

  #input(): Locator {
    return this.#box.locator('.quick-input-box input');
  }

  #rows(): Locator {
    return this.#box.locator('.quick-input-list .monaco-list-row');
  }
}
