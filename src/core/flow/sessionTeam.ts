import { messageOf } from '../../base/errors.ts';
import type { Claim, ClaimModes, RefusedClaim } from '../model/claim.ts';
import { claimPath, modeOf } from '../model/claim.ts';
import { newId } from '../model/ids.ts';
import { nameOf } from '../model/party.ts';
import type { Refusal } from '../model/review.ts';
import { straysOf } from '../model/scope.ts';
import type { Task } from '../model/task.ts';
import { inline, telling } from '../model/telling.ts';
import type { Moment, PlannedEdit, SessionTeam, Telling } from '../ports.ts';
import type { Settings } from '../settings.ts';
import { claimsFor } from './audit.ts';
import { FoundChanges } from './foundChanges.ts';
import type { Held } from './handOver.ts';
import { LandingNews } from './landingNews.ts';
import { holderText, refusedText, Teamwork } from './teamwork.ts';
import type { WorkerWorld } from './worker.ts';

/** How many messages and entries one look brings. */
const mostNews = 50;
/** What one token comes to, roughly. */
const charactersPerToken = 4;
/** Claude Code cuts longer answers of hooks. */
const mostCharacters = 9_000;
/** How often in one turn a session is kept from ending it because of news: two that answer each other would never end. */
const mostHolds = 2;

/** How many claims one refusal names. */
const mostNamed = 5;

type TeamWorld = Pick<WorkerWorld, 'store' | 'git' | 'clock' | 'random' | 'log'>;

/** The others as the session of one task has to do with them. Kept as long as the session is open. */
export class TaskTeam implements SessionTeam {
  readonly #world: TeamWorld;
  readonly #task: Task;
  readonly #modes: ClaimModes;
  readonly #characters: number;
  readonly #teamwork: Teamwork;
  readonly #found: FoundChanges;
  readonly #landings: LandingNews;
  /** Sentences that wait for the next moment to tell them. */
  #facts: string[] = [];
  /** What is being told, or has been, whether or not the store could be told so. */
  readonly #given = new Set<string>();
  #holds = 0;

  constructor(world: TeamWorld, task: Task, held: Pick<Held, 'worktree' | 'base'>, settings: Settings) {
    this.#world = world;
    this.#task = task;
    this.#modes = settings['claims.modes'];
    this.#characters = Math.min(settings['messages.tokenBudget'] * charactersPerToken, mostCharacters);
    this.#teamwork = new Teamwork({ ...world, modes: async () => this.#modes }, task.id);
    this.#found = new FoundChanges(world, task, held, this.#modes);
    this.#landings = new LandingNews(world, task, held.worktree);
  }

  /** Claims what the worktree holds of earlier attempts; what belongs to others meanwhile is told at the first prompt. */
  async takeStock(): Promise<void> {
    this.#facts.push(...(await this.#found.look()));
  }

  async mayWrite({ path, onlyAdds }: PlannedEdit): Promise<undefined | Refusal> {
    const file = claimPath('file', path);
    if ('refused' in file) return { refused: `${file.refused}, so Swarm lets no session write it.` };
    const { forbidden } = straysOf({ forbidden: this.#task.options.forbidden ?? [] }, [file.path]);
    if (forbidden.length > 0) return { refused: forbiddenText(file.path) };
    if (modeOf(this.#modes, file) === 'shared-append' && !(await onlyAdds())) {
      return { refused: appendText(file.path) };
    }
    const answer = await this.#teamwork.claim([file], 'written');
    if (answer.kind === 'refused') return { refused: this.#heldText(answer.refused) };
    if (answer.kind === 'not_allowed') return answer;
    const unknown = await this.#landings.stop(file.path);
    if (unknown !== undefined) return { refused: unknown };
    await this.#warnBoth(answer.beside, file.path);
    this.#facts.push(...(await this.#found.strayed([file.path])));
    return undefined;
  }

  async mayCommit(files: readonly string[]): Promise<undefined | Refusal> {
    const { forbidden } = straysOf({ forbidden: this.#task.options.forbidden ?? [] }, files);
    const [first] = forbidden;
    if (first !== undefined) return { refused: forbiddenText(first) };
    const held = await this.#world.store.audit({ task: this.#task.id, paths: claimsFor(this.#modes, files) });
    if (held.length === 0) return undefined;
    return {
      refused: `${this.#holdersText(held)} Take that out of the commit (\`git restore --staged\`) and undo it, or ask the holder for the file.`,
    };
  }

  async news(moment: Moment): Promise<Telling | undefined> {
    if (moment.kind === 'prompted') this.#holds = 0;
    if (moment.kind === 'tools_done') {
      const found = moment.mayHaveChanged ? await this.#found.look() : [];
      for (const path of moment.touched) this.#landings.touch(path);
      // Who has changed a file must hear of it; what others say is for the session itself.
      if (moment.byHelper) return this.#tell({ facts: found, messages: [], context: [] });
      this.#facts.push(...found);
    }
    const found = await this.#world.store.news({ party: this.#task.id, most: mostNews });
    const messages = found.messages.filter(({ id }) => !this.#given.has(id));
    const context = found.context.filter(({ id }) => !this.#given.has(id));
    if (moment.kind === 'stopping') {
      const isHeld = messages.length + this.#facts.length > 0 && this.#holds < mostHolds;
      this.#holds = isHeld ? this.#holds + 1 : 0;
      if (!isHeld) return undefined;
    }
    const landings = await this.#landings.look();
    return this.#tell({ facts: [...this.#facts.splice(0), ...landings], messages, context });
  }

  #tell(news: Parameters<typeof telling>[0]): Telling | undefined {
    const told = telling(news, this.#characters);
    this.#facts.unshift(...news.facts.slice(told?.facts.length ?? 0));
    if (told === undefined) return undefined;
    const { text, facts, messages, context } = told;
    const ids = [...messages, ...context].map(({ id }) => id);
    for (const id of ids) this.#given.add(id);
    return {
      text,
      done: (sent) => {
        if (sent) return void this.#keepTold({ messages, context });
        this.#facts.unshift(...facts);
        for (const id of ids) this.#given.delete(id);
      },
    };
  }

  async #keepTold(news: Pick<Parameters<typeof telling>[0], 'messages' | 'context'>): Promise<void> {
    if (news.messages.length + news.context.length === 0) return;
    try {
      await this.#world.store.told({ party: this.#task.id, news, now: this.#world.clock.now() });
    } catch (error) {
      this.#world.log.warn(`what ${this.#task.id} was told is not noted: ${messageOf(error)}`);
    }
  }

  /** Where the mode lets two change one file, both know of it. */
  async #warnBoth(beside: readonly Claim[], path: string): Promise<void> {
    const { store, clock, random } = this.#world;
    for (const by of beside.filter(({ mode }) => mode === 'warn')) {
      const key = `${by.id} ${path}`;
      if (this.#given.has(key)) continue;
      this.#given.add(key);
      const now = clock.now();
      this.#facts.push(
        `${inline(path)} is being changed by ${inline(holderText(by, now))}, too. Tell each other what you do there.`,
      );
      const body = `${path} is now being changed by “${this.#task.title}” (task ${this.#task.id}), too. Tell each other what you do there.`;
      await store.send({
        from: this.#task.id,
        to: [by.holder],
        kind: 'notification',
        body,
        ids: [newId('message', random)],
        now,
      });
    }
  }

  #holdersText(refused: readonly RefusedClaim[]): string {
    const now = this.#world.clock.now();
    const some = refused.slice(0, mostNamed).map((each) => inline(refusedText([each], now), 500));
    return [...some, ...(refused.length > mostNamed ? [`So are ${refused.length - mostNamed} more.`] : [])].join(' ');
  }

  #heldText(refused: readonly RefusedClaim[]): string {
    const holders = [...new Set(refused.map(({ by }) => nameOf(by.holder)))];
    return [
      this.#holdersText(refused),
      'Do another part of your task meanwhile.',
      `To ask for the file: ${holders.map((holder) => `\`swarm message ${holder} "…"\``).join(', ')}.`,
      'Swarm tells you as soon as it is free, so do not try again and again and do not wait for it in a loop: end your turn when nothing else is left, and you go on once the file is yours.',
      'If you need it no more, say so: `swarm unclaim PATH`.',
    ].join(' ');
  }
}

const forbiddenText = (path: string): string =>
  `${inline(path)} is among the files that this task must not change. Leave it as it is; if the task cannot be done without it, say so in your answer.`;

const appendText = (path: string): string =>
  `Many tasks add to ${inline(path)}, so what it holds must stay as it is: add lines to it, and change or remove none.`;
