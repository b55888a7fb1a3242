import type { Claim, ClaimAnswer, ClaimOrigin, WantedClaim } from '../../../src/core/model/claim.ts';
import type { Guest, Party } from '../../../src/core/model/party.ts';
import { declaredPath } from '../../../src/core/model/scope.ts';
import type { OpenStore } from '../../../src/store/store.ts';
import { newIdOf, Stage } from './stage.ts';

/** A wanted claim as text: `src/` a folder, `*.ts` a glob, `a.ts` a file, with its mode after a space unless exclusive. */
export function wanted(text: string): WantedClaim {
  const [path = '', mode = 'exclusive'] = text.split(' ');
  const named = declaredPath(path);
  if ('refused' in named) throw new Error(named.refused);
  return { ...named, mode: mode as WantedClaim['mode'] };
}

/** A stage on which parties work with each other; its wall clock begins at the real time, which the store's reads go by. */
export class TeamStage extends Stage {
  constructor(store: OpenStore) {
    super(store);
    this.now = Date.now();
  }

  claim(party: Party, paths: readonly string[], origin: Exclude<ClaimOrigin, 'found'> = 'asked'): Promise<ClaimAnswer> {
    return this.store.claim({
      party,
      paths: paths.map(wanted),
      origin,
      ids: paths.map(() => newIdOf('claim')),
      now: this.at(),
    });
  }

  /** `yes`, or by whom it was refused. */
  async asks(party: Party, ...paths: readonly string[]): Promise<string> {
    return answerText(await this.claim(party, paths));
  }

  found(task: Running['task'], ...paths: readonly string[]) {
    return this.store.claimFound({
      task,
      paths: paths.map(wanted),
      ids: paths.map(() => newIdOf('claim')),
      now: this.at(),
    });
  }

  async held(party?: Party): Promise<readonly string[]> {
    return (await this.store.claims(party === undefined ? {} : { party })).map(heldText);
  }

  unclaim(party: Party, paths?: readonly string[], over: { by?: Party; to?: Party } = {}) {
    return this.store.unclaim({
      party,
      by: party,
      ...(paths === undefined ? {} : { paths: paths.map(wanted) }),
      now: this.at(),
      ...over,
    });
  }

  say(from: Party, to: readonly Party[], body: string) {
    return this.store.send({ from, to, kind: 'message', body, ids: to.map(() => newIdOf('message')), now: this.at() });
  }

  /** What a party has not read yet, as text. */
  async inbox(party: Party): Promise<readonly string[]> {
    const found = await this.store.mailbox({ party, box: 'in', unreadOnly: true, most: 100 });
    return found.map(({ body }) => body);
  }

  join(guest: Guest, ms = 1_800_000): Promise<'joined' | 'known'> {
    return this.store.guestSeen({ guest, ms, now: this.at() });
  }

  /** A queued task, leased and running at a worker of its own. */
  async works(title: string): Promise<Running> {
    await this.one({ title });
    return await this.run(await this.worker());
  }
}

type Running = Awaited<ReturnType<Stage['run']>>;

export const heldText = ({ holder, path, kind, mode }: Claim): string =>
  `${holder}: ${path}${kind === 'folder' ? '/' : ''}${mode === 'exclusive' ? '' : ` ${mode}`}`;

export function answerText(answer: ClaimAnswer): string {
  if (answer.kind === 'claimed') return 'yes';
  if (answer.kind === 'not_allowed') return answer.refused;
  return answer.refused.map(({ wanted: { path }, by }) => `${path}: ${by.title}`).join(', ');
}
