import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { type Decision, editedFile, editTools } from '../core/model/gate.ts';
import type { Moment, SessionTeam } from '../core/ports.ts';
import { answerOf, contextOf, goOnBecause, type Hook } from './hooks.ts';
import { resolvePath } from './resolvePath.ts';
import type { SessionGate } from './sessionGate.ts';
import type { UnenforcedWatch } from './unenforced.ts';

/** Calls its listener once, with whether the answer has left. */
export type WhenSent = (listener: (sent: boolean) => void) => void;

/** What one hook was answered. */
export interface Answered {
  readonly answer: object;
  /** What the gate has decided, where it was asked. */
  readonly decision?: Decision;
  /** The session was about to end its turn and goes on. */
  readonly goesOn: boolean;
}

/** Tools that change no file, besides those that the gate knows. All others may, whatever they are called. */
const harmless: ReadonlySet<string> = new Set([
  ...editTools,
  'AskUserQuestion',
  'BashOutput',
  'EnterPlanMode',
  'ExitPlanMode',
  'Glob',
  'Grep',
  'KillShell',
  'LS',
  'ListMcpResourcesTool',
  'NotebookRead',
  'Read',
  'ReadMcpResourceTool',
  'TodoWrite',
  'ToolSearch',
  'WebFetch',
  'WebSearch',
]);

/** Tools that name the one file they are about. */
const aboutFiles: readonly string[] = [...editTools, 'Read', 'NotebookRead'];

/** Answers the hooks of one session, in whatever mode it runs: the gate's decisions, and what the others have to say. */
export class HookDesk {
  readonly gate: SessionGate;
  readonly #team: Pick<SessionTeam, 'news'>;
  readonly #watch: Pick<UnenforcedWatch, 'heard'>;
  readonly #log: Log;

  constructor(gate: SessionGate, team: Pick<SessionTeam, 'news'>, watch: Pick<UnenforcedWatch, 'heard'>, log: Log) {
    this.gate = gate;
    this.#team = team;
    this.#watch = watch;
    this.#log = log;
  }

  async answer(hook: Hook, whenSent: WhenSent): Promise<Answered> {
    await this.#watch.heard(hook.hook_event_name, hook.permission_mode);
    switch (hook.hook_event_name) {
      case 'PreToolUse': {
        const decision = await this.gate.decide(hook);
        return { answer: answerOf(decision), decision, goesOn: false };
      }
      case 'UserPromptSubmit': {
        this.gate.prompted();
        const text = await this.#news({ kind: 'prompted' }, whenSent);
        return { answer: text === undefined ? {} : contextOf('UserPromptSubmit', text), goesOn: false };
      }
      case 'PostToolBatch': {
        const text = await this.#news(this.#toolsDone(hook), whenSent);
        return { answer: text === undefined ? {} : contextOf('PostToolBatch', text), goesOn: false };
      }
      case 'Stop': {
        const text = await this.#news({ kind: 'stopping' }, whenSent);
        return text === undefined ? silence : { answer: goOnBecause(text), goesOn: true };
      }
      default:
        return silence;
    }
  }

  #toolsDone({ tool_calls, agent_id, cwd }: Hook): Moment {
    const folder = `${this.gate.worktree}/`;
    const touched = tool_calls.flatMap(({ tool_name, tool_input }) => {
      const named = aboutFiles.includes(tool_name) ? editedFile(tool_input) : undefined;
      if (named === undefined) return [];
      const path = resolvePath(/^([/\\]|[A-Za-z]:)/.test(named) ? named : `${cwd}/${named}`);
      return path.startsWith(folder) ? [path.slice(folder.length)] : [];
    });
    const mayHaveChanged = tool_calls.some(({ tool_name }) => !harmless.has(tool_name));
    return { kind: 'tools_done', touched, mayHaveChanged, byHelper: agent_id !== '' };
  }

  /** News that cannot be had now are had at the next moment; they keep nobody from working. */
  async #news(moment: Moment, whenSent: WhenSent): Promise<string | undefined> {
    try {
      const told = await this.#team.news(moment);
      if (told !== undefined) whenSent((sent) => told.done(sent));
      return told?.text;
    } catch (error) {
      this.#log.warn(`no news for a session: ${messageOf(error)}`);
      return undefined;
    }
  }
}

const silence: Answered = { answer: {}, goesOn: false };
