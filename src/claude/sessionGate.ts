import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { onlyAdds } from '../core/model/append.ts';
import { type Decision, decideTool, type GateRules } from '../core/model/gate.ts';
import type { SessionTeam } from '../core/ports.ts';
import type { Hook } from './hooks.ts';
import { resolvePath } from './resolvePath.ts';

/** Where a session may write, and with whom it shares that. */
export interface GatePlaces {
  readonly worktree: string;
  readonly addDirs: readonly string[];
  readonly check: string | undefined;
  readonly team: Pick<SessionTeam, 'mayWrite'>;
}

/** Together less than Claude Code waits for a hook: an unanswered one would leave it to ask the person. */
const undecidedMs = 3000;
const claimMs = 5000;

/** The gate of one session: asked by its hooks, closed while the worker does not hold the task. */
export class SessionGate {
  readonly #rules: Omit<GateRules, 'editsGranted'>;
  readonly #team: GatePlaces['team'];
  #editsGranted = true;
  #undecided: PromiseWithResolvers<void> | undefined;
  #patience: NodeJS.Timeout | undefined;

  constructor({ worktree, addDirs, check, team }: GatePlaces) {
    this.#team = team;
    this.#rules = {
      worktree: resolvePath(worktree),
      addDirs: addDirs.map((folder) => resolvePath(folder)),
      check,
      resolve: resolvePath,
    };
  }

  /** The worktree, resolved. */
  get worktree(): string {
    return this.#rules.worktree;
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

  /** Decides a PreToolUse; not before it is known whether edits are granted, as the model may be quicker than the worker. */
  async decide({ tool_name, tool_input, cwd, permission_mode }: Hook): Promise<Decision> {
    await this.#undecided?.promise;
    const call = { tool: tool_name, input: tool_input, folder: resolvePath(cwd), mode: permission_mode };
    const decision = decideTool(call, { ...this.#rules, editsGranted: this.#editsGranted });
    if (decision.file === undefined || decision.decision === 'deny') return decision;
    const refused = await this.#refusal(decision.file, call);
    // The task may have gone to somebody else meanwhile.
    return refused === undefined && this.#editsGranted
      ? decision
      : { decision: 'deny', reason: refused ?? lostMeanwhile };
  }

  /** Why a file may not be written, in words for the session. Whatever goes wrong while asking is a reason. */
  async #refusal(file: string, call: Parameters<typeof onlyAdds>[0]): Promise<string | undefined> {
    const asked = this.#team.mayWrite({
      path: file,
      onlyAdds: async () => onlyAdds(call, await contentOf(join(this.#rules.worktree, file))),
    });
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`no answer within ${claimMs / 1000} s`)), claimMs);
    try {
      return (await Promise.race([asked, late.promise]))?.refused;
    } catch (error) {
      return `Swarm could not find out whether another session holds ${file}, so nothing is written: ${messageOf(error)}. Try once more in a while; if it stays so, say so in your answer.`;
    } finally {
      clearTimeout(timer);
    }
  }

  #settle(): void {
    clearTimeout(this.#patience);
    this.#undecided?.resolve();
    this.#undecided = undefined;
  }
}

const lostMeanwhile = 'This session has lost its task meanwhile, so Swarm lets it write nothing.';

/** The text of a file; undefined when there is none. */
async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
