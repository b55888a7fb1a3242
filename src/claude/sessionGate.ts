import { type Decision, decideTool, type GateRules } from '../core/model/gate.ts';
import type { Hook } from './hooks.ts';
import { resolvePath } from './resolvePath.ts';

/** Where a session may write. */
export interface GatePlaces {
  readonly worktree: string;
  readonly addDirs: readonly string[];
  readonly check: string | undefined;
}

/** The gate of one session: asked by its hooks, closed while the worker does not hold the task. */
export class SessionGate {
  editsGranted = true;
  readonly #rules: Omit<GateRules, 'editsGranted'>;

  constructor({ worktree, addDirs, check }: GatePlaces) {
    this.#rules = {
      worktree: resolvePath(worktree),
      addDirs: addDirs.map((folder) => resolvePath(folder)),
      check,
      resolve: resolvePath,
    };
  }

  /** Decides a PreToolUse. */
  decide({ tool_name, tool_input, cwd, permission_mode }: Hook): Decision {
    const call = { tool: tool_name, input: tool_input, folder: resolvePath(cwd), mode: permission_mode };
    return decideTool(call, { ...this.#rules, editsGranted: this.editsGranted });
  }
}
