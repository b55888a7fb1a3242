import { basename, dirname } from 'node:path/posix';
import type { Claim } from '../../core/model/claim.ts';
import type { Party } from '../../core/model/party.ts';
import { isTask } from '../../core/model/party.ts';
import { holderIcon, holderName, holderOf, shortName, untilText } from './holders.ts';
import { plain } from './markdown.ts';
import type { Row } from './row.ts';
import type { Seen } from './seen.ts';
import { stateWord } from './taskState.ts';
import type { Holding } from './team.ts';
import type { Words } from './words.ts';

/** So many claims of a holder are shown at once; the others a page at a time. */
const pageSize = 100;

/** The tree of claims: who holds something. What they hold is below, in `claimRows`. Repositories are a level of their own only if there are several. */
export function claimsTree(all: readonly Seen[], words: Words): readonly Row[] {
  const [only, ...others] = all;
  if (only && others.length === 0) return holderRows(only, words);
  return all.flatMap((seen) => {
    const children = holderRows(seen, words);
    const id = `claims/${seen.repo}`;
    if (children.length === 0) return [];
    return { id, label: seen.name, icon: { name: 'repo' }, context: 'repository', expanded: true, children };
  });
}

function holderRows(seen: Seen, words: Words): readonly Row[] {
  return [...(seen.team?.holdings.byHolder.values() ?? [])].map((holding) => holderRow(seen, words, holding));
}

function holderRow(seen: Seen, words: Words, { holder: party, title, claims, version }: Holding): Row {
  const holder = holderOf(seen, words, party, title);
  const task = isTask(party) ? seen.tasks.get(party) : undefined;
  return {
    id: holderRowId(seen.repo, party),
    label: shortName(holder),
    description: [holder.worker ? holder.title : task && stateWord(words, task), words.count(claims.length)]
      .filter(Boolean)
      .join(' · '),
    icon: holderIcon(holder),
    context: ['holder', task ? 'ofTask' : '', party === 'you' ? 'yours' : 'others'].filter(Boolean).join(' '),
    spoken: countText(words, holderName(words, holder), claims.length),
    expanded: true,
    version: [version, untilText(seen, words, holder)].join(),
  };
}

const countText = ({ t, count }: Words, who: string, claims: number): string =>
  claims === 1 ? t('{0}, 1 claim', who) : t('{0}, {1} claims', who, count(claims));

const rowId = /^claims\/([^/]+)\/([^/]+)(?:\/(c[^/]*)|\/from\/(\d+))?$/;

const holderRowId = (repo: string, holder: Party): string => `claims/${repo}/${holder}`;

/** What a row of the tree stands for. */
export interface NamedClaims {
  readonly repo: string;
  readonly holder: Party;
  /** One claim of the holder; absent where all are meant. */
  readonly claim?: string;
  /** From which of the holder's claims on; 0 but for the rows that unfold more of them. */
  readonly from: number;
}

/** What the id of a row names; undefined for rows of other trees and for repositories. */
export function claimsOfRow(id: string): NamedClaims | undefined {
  const [, repo, holder, claim, from] = rowId.exec(id) ?? [];
  if (repo === undefined || holder === undefined) return undefined;
  return { repo, holder: holder as Party, from: Number(from ?? 0), ...(claim === undefined ? {} : { claim }) };
}

/** The rows below a holder, or below the row for those that are left. */
export function claimRows(words: Words, repo: string, holding: Holding, from: number): readonly Row[] {
  const rows = holding.claims.slice(from, from + pageSize).map((claim) => claimRow(words, repo, claim));
  const left = holding.claims.length - from - pageSize;
  if (left > 0) {
    const id = `${holderRowId(repo, holding.holder)}/from/${from + pageSize}`;
    rows.push({ id, label: words.t('… and {0} more', words.count(left)), context: 'more', expanded: false });
  }
  return rows;
}

function claimRow(words: Words, repo: string, claim: Claim): Row {
  const { kind, path, holder } = claim;
  const folder = kind === 'glob' ? '.' : dirname(path);
  const facts = [kind === 'file' ? '' : kindWord(words, kind), modeWord(words, claim), folder === '.' ? '' : folder];
  const description = facts.filter(Boolean).join(' · ');
  return {
    id: `${holderRowId(repo, holder)}/${claim.id}`,
    label: kind === 'glob' ? path : basename(path),
    ...(description === '' ? {} : { description }),
    ...(kind === 'file' ? { file: path, opens: 'swarm.openClaimedFile' } : {}),
    ...(kind === 'folder' ? { icon: { name: 'folder' } } : {}),
    ...(kind === 'glob' ? { icon: { name: 'regex' } } : {}),
    context: ['claim', kind, isTask(holder) ? 'ofTask' : '', holder === 'you' ? 'yours' : 'others']
      .filter(Boolean)
      .join(' '),
    spoken: [path, kindWord(words, kind), modeWord(words, claim)].filter(Boolean).join(', '),
  };
}

/** What a claim is on, in a word for people. */
export function kindWord({ t }: Words, kind: Claim['kind']): string {
  switch (kind) {
    case 'file':
      return t('file');
    case 'folder':
      return t('folder');
    case 'glob':
      return t('pattern');
  }
}

/** Empty for claims of the usual mode. */
function modeWord({ t }: Words, { mode }: Claim): string {
  switch (mode) {
    case 'exclusive':
      return '';
    case 'shared-append':
      return t('others may append');
    case 'warn':
      return t('others are only warned');
  }
}

function originText({ t }: Words, { origin }: Claim): string {
  switch (origin) {
    case 'declared':
      return t('declared when the task was queued');
    case 'asked':
      return t('asked for');
    case 'written':
      return t('taken with the first write');
    case 'found':
      return t('found among its changes');
  }
}

/** What the hover over a claim says, as Markdown; `claim` is read anew, since what lives renews its claims. */
export function claimHover(seen: Seen, words: Words, claim: Claim): string {
  const { t, time } = words;
  const holder = holderOf(seen, words, claim.holder, claim.title);
  const until = untilText(seen, words, holder);
  const expiry =
    claim.expiresAt === undefined ? until : t('{0}; without a sign of life it ends {1}', until, time(claim.expiresAt));
  const facts = [
    [t('Held by'), holderName(words, holder)],
    [t('Mode'), modeWord(words, claim) || t('exclusive')],
    [t('Since'), `${time(claim.claimedAt)}, ${originText(words, claim)}`],
    [t('Lasts'), expiry],
  ];
  return [
    `**${plain(claim.path)}** ${plain(kindWord(words, claim.kind))}`,
    facts.map(([label, value]) => `${label}: ${plain(value ?? '')}  `).join('\n'),
  ].join('\n\n');
}

/** What the hover over a holder says, as Markdown. */
export function holderHover(seen: Seen, words: Words, { holder: party, title, claims }: Holding): string {
  const holder = holderOf(seen, words, party, title);
  return [
    `**${plain(holder.title)}**`,
    plain(countText(words, holderName(words, holder), claims.length)),
    plain(untilText(seen, words, holder)),
  ].join('\n\n');
}
