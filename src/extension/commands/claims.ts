import { join } from 'node:path';
import { commands, Uri, window, workspace } from 'vscode';
import type { Claim, ClaimPath } from '../../core/model/claim.ts';
import { overlaps } from '../../core/model/claim.ts';
import type { Party } from '../../core/model/party.ts';
import { isTask } from '../../core/model/party.ts';
import { claimPaths } from '../../git/claimPaths.ts';
import { askLine } from '../ask/askLine.ts';
import type { Face } from '../face.ts';
import { findClaims, findMessage, findTask, placesIn } from '../find.ts';
import { holderName, holderOf, untilText } from '../model/holders.ts';
import { sentence, sentences } from '../model/sentence.ts';
import type { Repository } from '../repository.ts';
import { words } from '../words.ts';

const { t } = words;

/** Files and folders of one repository that a command is about. */
interface Chosen {
  readonly repository: Repository;
  readonly paths: readonly ClaimPath[];
}

/** The person takes files or folders for themselves. */
export async function claim(face: Face, _id: string | undefined, files: readonly Uri[]): Promise<void> {
  for (const { repository, paths } of chosenOf(face, files)) {
    const answer = await repository.open.swarm.teamwork('you').claim(paths);
    switch (answer.kind) {
      case 'claimed':
        window.setStatusBarMessage(claimedText(paths, answer.claims.length), 5_000);
        break;
      case 'not_allowed':
        face.tell.refusal(answer.refused);
        break;
      case 'refused': {
        const held = answer.refused.slice(0, mostNamed).map(({ wanted, by }) => heldText(repository, wanted.path, by));
        const wanted = answer.refused.map((each) => Uri.file(join(repository.open.repo.root, each.wanted.path)));
        const run = () => void commands.executeCommand('swarm.askHolder', wanted[0], wanted);
        face.tell.refusal(sentences(...held), { label: t('Ask the Holder…'), run });
      }
    }
  }
}

/** Refused files that a message names. */
const mostNamed = 3;

/** Files whose claims the settings switch off need none. */
const claimedText = (paths: readonly ClaimPath[], claimed: number): string =>
  claimed === 0 && paths.length === 1
    ? t('“{0}” needs no claim', paths[0]?.path ?? '')
    : paths.length === 1
      ? t('You hold “{0}”', paths[0]?.path ?? '')
      : t('You hold {0} files and folders', paths.length);

function heldText({ feed }: Repository, path: string, by: Claim): string {
  const seen = feed.latest;
  if (!seen) return path;
  const holder = holderOf(seen, words, by.holder, by.title);
  return t('“{0}” is claimed by {1}, {2}', path, holderName(words, holder), untilText(seen, words, holder));
}

/** Ends claims: the one of a row, all of a holder, or those on files and folders. The person may release anybody's. */
export async function release(face: Face, id: string | undefined, files: readonly Uri[]): Promise<void> {
  const found = findClaims(face.repositories, id);
  if (found) return end(face, found.repository, found.claim ? [found.claim] : found.holding.claims, true);
  for (const { repository, paths } of chosenOf(face, files)) {
    const claims = await claimsOn(repository, paths);
    const mine = claims.filter(({ holder }) => holder === 'you');
    const ending = mine.length > 0 ? mine : claims;
    const named = paths.map(({ path }) => path);
    if (ending.length === 0) face.tell.refusal(t('nobody holds “{0}”', named.join('”, “')));
    else
      await end(
        face,
        repository,
        ending,
        ending.every(({ path }) => named.includes(path)),
      );
  }
}

/** Ends them; asks before where a session counts on them, or where more ends than was `named`. */
async function end(face: Face, repository: Repository, claims: readonly Claim[], named: boolean): Promise<void> {
  const seen = repository.feed.latest;
  if (!seen) return;
  const holders = [...new Map(claims.map((each) => [each.holder, each])).values()].map((each) =>
    holderOf(seen, words, each.holder, each.title),
  );
  const working = holders.filter(({ isWorking }) => isWorking);
  if (working.length > 0 || !named) {
    const [first] = claims;
    const message =
      claims.length === 1 && first
        ? t('Release “{0}”?', first.path)
        : t('Release {0} claims?', words.count(claims.length));
    const detail = [
      ...working.map((holder) => sentence(t('{0} is at work and counts on it', holderName(words, holder)))),
      working.length > 0
        ? t('Others may then change what it holds now; it has to claim it again before it goes on there.')
        : '',
      ...(claims.length === 1 ? [] : [shortList(claims.map(({ path }) => path))]),
    ];
    const verb = t('Release');
    const chosen = await window.showWarningMessage(
      message,
      { modal: true, detail: detail.filter(Boolean).join('\n') },
      verb,
    );
    if (chosen !== verb) return;
  }
  for (const [holder, held] of Map.groupBy(claims, (each) => each.holder))
    await unclaim(face, repository, holder, held);
}

const mostListed = 10;

const shortList = (paths: readonly string[]): string =>
  [
    ...paths.slice(0, mostListed),
    ...(paths.length > mostListed ? [t('… and {0} more', words.count(paths.length - mostListed))] : []),
  ].join('\n');

/** Ends claims of one party, in the person's name. */
export async function unclaim(
  { tell }: Face,
  { open }: Repository,
  party: Party,
  held: readonly Claim[],
): Promise<void> {
  const paths = held.map(({ kind, path }) => ({ kind, path }));
  const answer = await open.store.unclaim({ party, paths, by: 'you', now: Date.now() });
  if ('refused' in answer) return tell.refusal(answer.refused);
  const [first] = answer;
  window.setStatusBarMessage(
    answer.length === 1 && first
      ? t('“{0}” is free', first.path)
      : t('{0} claims were released', words.count(answer.length)),
    5_000,
  );
}

/** Asks whoever holds a file or folder to let go of it. */
export async function askHolder(face: Face, id: string | undefined, files: readonly Uri[]): Promise<void> {
  const found = findClaims(face.repositories, id);
  if (found?.claim) return ask(face, { repository: found.repository, paths: [found.claim] });
  for (const chosen of chosenOf(face, files)) await ask(face, chosen);
}

async function ask(face: Face, { repository, paths }: Chosen): Promise<void> {
  const seen = repository.feed.latest;
  if (!seen) return;
  const claims = (await claimsOn(repository, paths)).filter(({ holder }) => holder !== 'you');
  const names = [...new Map(claims.map((each) => [each.holder, each])).values()].map((each) =>
    holderName(words, holderOf(seen, words, each.holder, each.title)),
  );
  const wanted = paths.map(({ path }) => path).join('”, “');
  if (names.length === 0) return face.tell.refusal(t('nobody else holds “{0}”', wanted));
  const why = await askLine(
    t('Ask for “{0}”', wanted),
    t('{0} will be asked to release it. Why do you need it? It may stay empty.', names.join(', ')),
    true,
  );
  if (why === undefined) return;
  const teamwork = repository.open.swarm.teamwork('you');
  for (const path of paths) {
    const answer = await teamwork.askFor(path, why);
    if ('refused' in answer) return face.tell.refusal(answer.refused);
  }
  window.setStatusBarMessage(t('{0} was asked', names.join(', ')), 5_000);
}

/** Opens a claimed file as its holder sees it: in the worktree, else in the checkout. Only rows of the tree call this. */
export async function openClaimedFile(face: Face, id: string | undefined): Promise<void> {
  const found = findClaims(face.repositories, id);
  if (!found?.claim) return;
  const { repository, seen, claim: held } = found;
  const worktree = isTask(held.holder) ? seen.tasks.get(held.holder)?.worktree : undefined;
  for (const root of [worktree, repository.open.repo.root]) {
    const uri = root === undefined ? undefined : Uri.file(join(root, held.path));
    if (uri && (await isFile(uri))) return void (await commands.executeCommand('vscode.open', uri));
  }
  face.tell.refusal(t('“{0}” has not been written yet', held.path));
}

/** Shows the task that a row of claims, or a message, is of. */
export function revealTask(face: Face, id: string | undefined): void {
  const party = findClaims(face.repositories, id)?.holding.holder ?? findMessage(face.repositories, id)?.message.from;
  const task = findTask(face.repositories, party)?.task;
  if (task) face.revealed.fire(task.id);
}

/** What was chosen, else what the editor in front shows, by repository; the person is told of what is in none. */
function chosenOf({ repositories, tell }: Face, files: readonly Uri[]): readonly Chosen[] {
  const active = window.activeTextEditor?.document.uri;
  const uris = files.length > 0 ? files : active ? [active] : [];
  if (uris.length === 0) tell.refusal(t('choose a file in the explorer, or open one, first'));
  const places = placesIn(repositories);
  const byRepository = Map.groupBy(uris, (uri) => (uri.scheme === 'file' ? places.of(uri.path)?.repo : undefined));
  return [...byRepository].flatMap(([id, own]) => {
    const repository = repositories.all.find((each) => each.id === id);
    if (!repository) {
      tell.refusal(t('“{0}” is in no repository of this window', own[0]?.path ?? ''));
      return [];
    }
    const { root, commonDir } = repository.open.repo;
    const paths = claimPaths(
      own.map((uri) => uri.fsPath),
      { commonDir, folder: root },
    );
    return [{ repository, paths }];
  });
}

/** The claims that have to do with these, as they are now. */
async function claimsOn({ open }: Repository, paths: readonly ClaimPath[]): Promise<readonly Claim[]> {
  const claims = await open.store.claims();
  return claims.filter((each) => paths.some((path) => overlaps(path, each)));
}

const isFile = (uri: Uri): Promise<boolean> =>
  Promise.resolve(workspace.fs.stat(uri)).then(
    () => true,
    () => false,
  );
