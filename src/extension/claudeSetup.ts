import { commands, type Disposable, env, type Terminal, ThemeIcon, Uri, window } from 'vscode';
import { AppError } from '../base/errors.ts';
import { isAnsweredInTerminal, openingPrompt } from '../claude/obstacle.ts';
import type { Readiness } from '../claude/readiness.ts';
import { sentences } from './model/sentence.ts';
import type { Repository } from './repository.ts';
import type { Tell, Verb } from './tell.ts';
import { words } from './words.ts';

const { t } = words;

/** Where Claude Code is to be had. */
const homepage = 'https://claude.com/claude-code';

/** Leads the person to a Claude Code that is ready: one terminal for signing in and trusting, however many workers wait. */
export class ClaudeSetup implements Disposable {
  readonly #tell: Tell;
  #terminal: Terminal | undefined;
  readonly #listener: Disposable;

  constructor(tell: Tell) {
    this.#tell = tell;
    this.#listener = window.onDidCloseTerminal((closed) => {
      if (closed === this.#terminal) this.#terminal = undefined;
    });
  }

  /** Work waits for Claude: the person is told what is missing, and the terminal is opened where that helps. */
  blocked(repository: Repository, found: Readiness): void {
    void this.#tell.news('claude', whatBlocks(found), this.#verbs(repository, found));
    if (isSolvedInTerminal(found)) {
      this.open(repository, true).catch((error: unknown) => {
        this.#tell.error(t('Claude Code could not be started'), error);
      });
    }
  }

  /** Claude is ready: its terminal has done its work. */
  ready(): void {
    this.#terminal?.dispose();
  }

  /** Opens `claude` in the repository's folder, or shows the terminal in which it is open. */
  async open(repository: Repository, preserveFocus: boolean): Promise<void> {
    this.#terminal ??= await startClaude(repository);
    this.#terminal.show(preserveFocus);
  }

  dispose(): void {
    this.#listener.dispose();
  }

  #verbs(repository: Repository, found: Readiness): readonly Verb[] {
    if (isSolvedInTerminal(found)) {
      return [{ label: t('Go to Terminal'), run: () => void this.open(repository, false) }];
    }
    return [
      { label: t('Get Claude Code'), run: () => void env.openExternal(Uri.parse(homepage)) },
      {
        label: t('Name Its Path'),
        run: () => void commands.executeCommand('swarm.openSettings', 'claude.path'),
      },
    ];
  }
}

/** Why queued tasks do not start, and what to do about it. */
export function whatBlocks(found: Readiness): string {
  const todo = isSolvedInTerminal(found) ? t('Answer it in the terminal “Claude Code”.') : found.hint;
  return sentences(t('Queued tasks wait for Claude Code.'), found.text, todo);
}

const isSolvedInTerminal = ({ state }: Readiness): boolean => isAnsweredInTerminal[state];

async function startClaude({ open, gate }: Repository): Promise<Terminal> {
  const [{ findClaude }, { cleanEnvironment }, { accountArguments }, settings] = await Promise.all([
    import('../claude/binary.ts'),
    import('../claude/environment.ts'),
    import('../claude/apiKeys.ts'),
    open.settings(),
  ]);
  const { path } = await findClaude({ setting: settings['claude.path'], env: process.env });
  // Like a session's: what is taken out of the environment there must not sign it in here.
  const keepApiKey = settings['claude.keepApiKey'];
  const clean = cleanEnvironment(process.env, keepApiKey);
  const removed = Object.keys(process.env).filter((name) => clean[name] === undefined);
  const added = Object.entries(clean).filter(([name, value]) => process.env[name] !== value);
  const terminal = window.createTerminal({
    name: 'Claude Code',
    shellPath: path,
    shellArgs: [...accountArguments(keepApiKey), ...openingPrompt(gate.latest?.state ?? 'ready')],
    cwd: open.repo.root,
    env: { ...Object.fromEntries(added), ...Object.fromEntries(removed.map((name) => [name, null])) },
    iconPath: new ThemeIcon('key'),
    isTransient: true,
  });
  if ((await terminal.processId) === undefined) {
    throw new AppError('terminal_not_started', t('the terminal of Claude Code did not start'));
  }
  return terminal;
}
