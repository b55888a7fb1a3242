import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { waitFor } from '../waitFor.ts';
import { Explorer } from './explorer.ts';
import { ensureChromium } from './install.ts';
import { QuickInput } from './quickInput.ts';
import { type ServerOptions, startServer, type VSCodeServer } from './server.ts';
import { Terminals } from './terminals.ts';
import { View } from './view.ts';

const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts a VS Code of its own, opens `folder` in it, or none, and waits until the workbench stands. */
export async function openWindow(folder: string | undefined, options: ServerOptions): Promise<VSCodeWindow> {
  const executablePath = await ensureChromium(options.progress);
  await using cleanup = new AsyncDisposableStack();
  const server = cleanup.use(await startServer(options));
  const browser = cleanup.adopt(await chromium.launch({ executablePath, args: chromiumArgs }), (it) => it.close());
  const page = await browser.newPage({
    viewport: { width: 1400, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  page.setDefaultTimeout(20_000);
  // The page asks before it is left; a person who reloads says yes.
  page.on('dialog', (dialog) => void dialog.accept());
  const suiteEnded = Promise.withResolvers<number>();
  await page.exposeFunction('codeAutomationExit', suiteEnded.resolve);
  await page.goto(server.address(folder));
  const restart = (port: number) => startServer({ ...options, vsix: [], port });
  const window = new VSCodeWindow({ page, browser, server, folder, restart, suiteEnded: suiteEnded.promise });
  await window.ready();
  cleanup.move();
  return window;
}

/** What a window consists of. */
interface WindowParts {
  readonly page: Page;
  readonly browser: Browser;
  readonly server: VSCodeServer;
  readonly folder: string | undefined;
  readonly suiteEnded: Promise<number>;
  /** Starts a server like the first one. */
  restart(port: number): Promise<VSCodeServer>;
}

/** What a person sees and does in one VS Code window. Reading never waits; doing waits for what it acts on. */
export class VSCodeWindow implements AsyncDisposable {
  readonly terminals: Terminals;
  readonly explorer: Explorer;
  /** For what has no verb here. */
  readonly page: Page;
  /** The exit code of the suite that runs inside the extension host, once it has ended: 0 for success. */
  readonly suiteEnded: Promise<number>;
  readonly #parts: WindowParts;
  #server: VSCodeServer;

  constructor(parts: WindowParts) {
    this.page = parts.page;
    this.suiteEnded = parts.suiteEnded;
    this.#parts = parts;
    this.#server = parts.server;
    this.terminals = new Terminals(parts.page);
    this.explorer = new Explorer(parts.page);
  }

  get server(): VSCodeServer {
    return this.#server;
  }

  /** Waits until the workbench is restored. */
  async ready(): Promise<void> {
    // VS Code's own mark in the page's performance timeline.
    await this.page.waitForFunction(() => performance.getEntriesByName('code/didStartWorkbench').length > 0);
  }

  /** Runs the command of that exact title, "Category: Title", from the palette, as soon as the palette offers it. */
  async command(title: string): Promise<void> {
    await waitFor(`the command “${title}”`, async () => {
      // The palette lists what there is when it opens, and just after the start that is not everything.
      await this.page.keyboard.press('F1');
      const palette = await this.quickInput('Type the name of a command');
      // What was asked before may still be closing, and takes a palette with it that opens meanwhile.
      await palette.type(`>${title}`, 2_000);
      await palette.pick(title, 2_000);
      return true;
    });
  }

  /** Waits for the quick input whose title, placeholder or prompt contains `text`. */
  async quickInput(text: string): Promise<QuickInput> {
    const input = new QuickInput(this.page);
    await waitFor(`the quick input “${text}”`, async () => (await input.heading()).includes(text));
    return input;
  }

  /** Shows the view container of that title through the activity bar. */
  async showContainer(title: string): Promise<void> {
    const tab = this.page.locator('.activitybar .action-item', { has: this.page.locator(`[aria-label^="${title}"]`) });
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
  }

  /** The view of that name, in a container that is shown. */
  view(name: string): View {
    return new View(this.page, name);
  }

  /** The texts of the status bar, icons left out. */
  async statusBar(): Promise<string[]> {
    return (await texts(this.page.locator('.statusbar-item:visible'))).filter(Boolean);
  }

  /** Presses the status-bar item that contains `text`. */
  async pressStatus(text: string): Promise<void> {
    await this.page.locator('.statusbar-item:visible', { hasText: text }).locator('a').click();
  }

  /** The labels of the open editors, in all groups. */
  async editors(): Promise<string[]> {
    return texts(this.page.locator('.editor-group-container .tab .label-name'));
  }

  /** The messages of the notifications on screen. */
  async notifications(): Promise<string[]> {
    return texts(this.page.locator('.notifications-toasts .notification-list-item-message'));
  }

  /** Presses `button` on the notification that contains `message`. */
  async answerNotification(message: string, button: string): Promise<void> {
    const toast = this.page.locator('.notification-list-item', { hasText: message });
    await toast.getByRole('button', { name: button, exact: true }).click();
  }

  /** The message and detail of the modal dialog on screen, or undefined. */
  async dialog(): Promise<string | undefined> {
    const parts = await texts(
      this.page.locator('.monaco-dialog-box').locator('.dialog-message-text, .dialog-message-detail'),
    );
    return parts.length > 0 ? parts.join('\n') : undefined;
  }

  /** Presses `button` in the modal dialog. */
  async answerDialog(button: string): Promise<void> {
    await this.page.locator('.monaco-dialog-box').getByRole('button', { name: button, exact: true }).click();
  }

  /** Says in VS Code's own trust editor that the folder is trusted. */
  async trustFolder(): Promise<void> {
    await this.command('Workspaces: Manage Workspace Trust');
    await this.page.locator('.workspace-trust-editor').getByRole('button', { name: 'Trust', exact: true }).click();
    // The editor is a modal one: it covers the window until it is closed.
    await this.page.getByRole('button', { name: 'Close Modal Editor' }).click();
    await this.page.locator('.monaco-modal-editor-block').waitFor({ state: 'detached' });
  }

  /** Reloads the window as a person does, and waits until it stands again. */
  async reload(): Promise<void> {
    // VS Code notes its terminals half a second after their last change and shows it nowhere; a reload before that loses them.
    await this.page.waitForTimeout(1_000);
    const left = this.page.waitForEvent('domcontentloaded');
    await this.command('Developer: Reload Window');
    await left;
    await this.ready();
  }

  /** Opens another folder instead. */
  async open(folder: string): Promise<void> {
    await this.page.goto(this.#server.address(folder));
    await this.ready();
  }

  /** Opens its first folder again, in the same browser, after VS Code's server has ended. */
  async reopen(): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    this.#server = await this.#parts.restart(this.#server.port);
    await this.page.goto(this.#server.address(this.#parts.folder));
    await this.ready();
  }

  /** Keeps a picture of the window at `path`, a PNG. */
  async screenshot(path: string): Promise<void> {
    await this.page.screenshot({ path });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.browser.close();
    await this.#server[Symbol.asyncDispose]();
  }
}

async function texts(locator: Locator): Promise<string[]> {
  return (await locator.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' ').trim());
}
