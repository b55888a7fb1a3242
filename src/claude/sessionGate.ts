import { type Decision, decideTool, type GateRules } from '../core/model/gate.ts';
import type { Hook } from './hooks.ts';
import { resolvePath } from './resolvePath.ts';

/** Where a session may write. */
export interface GatePlaces {
  readonly worktree: string;
  readonly addDirs: readonly string[];
  readonly check: string | undefined;
}

/** Less than Claude Code waits for a hook: an unanswered one would leave it to ask the person. */
const undecidedMs = 3000;

/** The gate of one session: asked by its hooks, closed while the worker does not hold the task. */
export class SessionGate {
  readonly #rules: Omit<GateRules, 'editsGranted'>;
  #editsGranted = true;
  #undecided: PromiseWithResolvers<void> | undefined;
  #patience: NodeJS.Timeout | undefined;

  constructor({ worktree, addDirs, check }: GatePlaces) {
    this.#rules = {
      worktree: resolvePath(worktree),
      addDirs: addDirs.map((folder) => resolvePath(folder)),
      check,
      resolve: resolvePath,
    };
  }

  /** Opens the gate to edits, or closes it; ends what `prompted` began. */
  grantEdits(granted: boolean): void {
    this.#editsGranted = granted;
    this.#settle();
  }

  /** A prompt was given. If nothing may be written now, the worker is about to say whether that is over. */
  prompted(): void {
    if (this.#editsGranted || this.#undecided !== undefined) return;
    this.#undecided = Promise.withResolvers();
    this.#patience = setTimeout(() => this.#settle(), undecidedMs);
  }

  /** Resolves once it is known whether edits are granted: the model may be quicker than the worker. */
  async settled(): Promise<void> {
    await this.#undecided?.promise;
  }

  #settle(): void {
    clearTimeout(this.#patience);
    this.#undecided?.resolve();
    this.#undecided = undefined;
  }

  /** Decides a PreToolUse. */
  decide({ tool_name, tool_input, cwd, permission_mode }: Hook): Decision {
    const call = { tool: tool_name, input: tool_input, folder: resolvePath(cwd), mode: permission_mode };
    return decideTool(call, { ...this.#rules, editsGranted: this.#editsGranted });
  }
}
