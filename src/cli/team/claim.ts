import { UsageError } from '../../base/errors.ts';
import { holderText, refusedText } from '../../core/flow/teamwork.ts';
import type { ClaimAnswer, ClaimPath, RefusedClaim } from '../../core/model/claim.ts';
import type { Message } from '../../core/model/message.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Speaking } from './verb.ts';
import { textOf, unlessRefused, verb } from './verb.ts';
import { claimView, holderName, pathText } from './views.ts';

const pathsText = 'files, folders (with a slash at the end where there is none yet) or globs, from where you stand';

/** `swarm claim`. */
export const claim = verb({
  description: 'Hold files so that nobody else changes them: all of these, or none.',
  arguments: [{ name: '<path...>', text: pathsText }],
  options: {
    wait: {
      flags: '--wait <seconds>',
      text: 'where somebody else holds them, wait for so long at most',
      isWhole: true,
    },
    ask: { flags: '--ask [why]', text: 'where somebody else holds them, ask for them' },
  },
  async run(speaking, words, { wait, ask }) {
    const { team, waiting } = speaking;
    const ms = 1000 * secondsOf(textOf(wait) ?? '0');
    const paths = speaking.paths(words);
    const first = await team.claim(paths);
    if (ms === 0 || waiting === undefined || first.kind !== 'refused') return showClaim(speaking, paths, first, ask);
    // Who is asked should know before the wait, not after.
    if (ask !== undefined) await askFor(speaking, first.refused, ask);
    const answer = await team.claimWithin(paths, ms, waiting.onDidChange, waiting.signal);
    const code = await showClaim(speaking, paths, answer, undefined);
    return answer.kind !== 'refused' ? code : waiting.signal.aborted ? exitCodes.stopped : exitCodes.notYet;
  },
});

const longestWait = 24 * 60 * 60;

function secondsOf(text: string): number {
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= longestWait) return seconds;
  throw new UsageError(`--wait needs whole seconds from 0 to ${longestWait}`);
}

/** Asks whoever holds what was refused; one message for each path and holder. What is free meanwhile needs none. */
async function askFor(
  { team }: Speaking,
  refused: readonly RefusedClaim[],
  why: string | true,
): Promise<readonly Message[]> {
  const wanted = new Map(refused.map((each) => [pathText(each.wanted), each.wanted]));
  const asked: Message[] = [];
  for (const path of wanted.values()) {
    const sent = await team.askFor(path, textOf(why) ?? '');
    if (!('refused' in sent)) asked.push(...sent);
  }
  return asked;
}

/** Tells how a claim came out; with `ask`, asks whoever stands in its way. */
async function showClaim(
  speaking: Speaking,
  paths: readonly ClaimPath[],
  given: ClaimAnswer,
  ask: string | true | undefined,
): Promise<ExitCode> {
  const { output, now } = speaking;
  const answer = given.kind === 'not_allowed' ? unlessRefused<never>(given) : given;
  const refused = answer.kind === 'refused' ? answer.refused : [];
  const beside = answer.kind === 'claimed' ? answer.beside : [];
  const claimed = answer.kind === 'claimed' ? [...new Set(paths.map(pathText))] : [];
  const asked = ask === undefined ? [] : await askFor(speaking, refused, ask);
  if (output.json) {
    output.document({
      claimed,
      refused: refused.map(({ wanted, by }) => ({
        path: pathText(wanted),
        holder: holderName(by),
        task: by.task ?? null,
        expiresAt: by.expiresAt ?? null,
        held: pathText(by),
      })),
      beside: beside.map(claimView),
      asked: asked.map(({ id }) => id),
    });
  } else {
    for (const path of claimed) output.line(path);
    for (const other of beside) output.note(`${pathText(other)} is also claimed by ${holderText(other, now())}`);
    if (refused.length > 0) {
      for (const line of refusedText(refused, now()).split('\n')) output.note(line);
      output.note(asked.length > 0 ? askedText(asked) : waysOut);
    }
  }
  return refused.length === 0 ? exitCodes.done : exitCodes.refused;
}

const waysOut =
  'Nothing was claimed. You are told when it is free; go on with something else, wait with --wait SECONDS, or ask with --ask "why". If you can do without, say so with `swarm unclaim`: a task that ends its turn waits for what it was refused.';
const askedText = (asked: readonly Message[]): string =>
  `Nothing was claimed. Asked ${asked.map(({ toTitle }) => toTitle).join(', ')}; you are told when it is free.`;

/** `swarm claims`. */
export const claims = verb({
  description: 'List who holds what; with a path, whoever stands in its way.',
  arguments: [{ name: '[path]', text: 'a file, folder or glob' }],
  options: { mine: { flags: '--mine', text: 'only your own' } },
  async run({ team, output, paths, now }, words, { mine }) {
    const [path] = paths(words);
    const found = await team.claims({
      ...(path === undefined ? {} : { path }),
      ...(mine === undefined ? {} : { party: team.party }),
    });
    if (output.json) output.document({ claims: found.map(claimView) });
    else if (found.length === 0) output.note('no claims');
    else {
      output.table(
        ['PATH', 'MODE', 'HOLDER'],
        found.map((each) => [pathText(each), each.mode, holderText(each, now())]),
      );
    }
    return exitCodes.done;
  },
});

/** `swarm unclaim`. */
export const unclaim = verb({
  description: 'Release files, hand them to somebody, or wait no longer for what you were refused.',
  arguments: [{ name: '[path...]', text: 'as they were claimed' }],
  options: {
    all: { flags: '--all', text: 'everything you hold' },
    to: { flags: '--to <who>', text: 'hand them to this one: `worker 3`, `3`, a task’s id, a guest’s name, `you`' },
    of: { flags: '--of <who>', text: 'what this one holds; only for the person' },
  },
  async run({ team, output, paths }, words, { all, to, of }) {
    if ((words.length === 0) === (all === undefined)) {
      throw new UsageError('name the paths to release, or say --all');
    }
    const wanted = all === undefined ? paths(words) : undefined;
    const answer = unlessRefused(await team.unclaim(wanted, { to: textOf(to), of: textOf(of) }));
    const [released, givenUp] = [answer.claims.map(pathText), answer.givenUp.map(pathText)];
    const notHeld = (wanted ?? []).map(pathText).filter((path) => !released.includes(path) && !givenUp.includes(path));
    if (output.json) output.document({ released, givenUp, notHeld });
    else {
      for (const path of released) output.line(path);
      for (const path of givenUp) output.note(`${path} is no longer waited for`);
      for (const path of notHeld) output.note(`${path} was not claimed`);
    }
    return notHeld.length === 0 ? exitCodes.done : exitCodes.refused;
  },
});
