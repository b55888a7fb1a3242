import type { ClaimModes, RefusedClaim, WantedClaim } from '../model/claim.ts';
import { modeOf, wantedOf } from '../model/claim.ts';
import type { Strays } from '../model/scope.ts';
import { declaredText, straysOf } from '../model/scope.ts';
import type { Task } from '../model/task.ts';
import type { ChangedFile } from '../ports.ts';
import type { Settings } from '../settings.ts';
import type { TeamStore } from '../team.ts';
import { holderText } from './teamwork.ts';

/** What a task's changes have done to files; a renamed one counts under both of its names. */
export const filesOf = (changes: readonly ChangedFile[]): readonly string[] =>
  changes.flatMap(({ path, from, status }) => (from !== undefined && status === 'renamed' ? [path, from] : [path]));

/** The claims that changing these files needs. */
export const claimsFor = (modes: ClaimModes, files: readonly string[]): readonly WantedClaim[] =>
  wantedOf(
    modes,
    files.map((path) => ({ kind: 'file', path })),
  );

/** What a reviewer should know of changes beyond their content. */
export interface Findings extends Strays {
  /** Files that others hold. */
  readonly held: readonly RefusedClaim[];
  /** Files that anybody may add to, in which something that was there is changed or gone. */
  readonly rewritten: readonly string[];
}

/** Judges a task's changes; `held` is what the store says of them. */
export function findingsOf(
  task: Pick<Task, 'options'>,
  modes: ClaimModes,
  changes: readonly ChangedFile[],
  held: readonly RefusedClaim[],
): Findings {
  const isRewritten = ({ status, removed }: ChangedFile) =>
    status !== 'added' && status !== 'copied' && (status !== 'modified' || removed !== 0);
  const rewritten = filesOf(changes.filter(isRewritten)).filter(
    (path) => modeOf(modes, { kind: 'file', path }) === 'shared-append',
  );
  return { ...straysOf(task.options, filesOf(changes)), held, rewritten };
}

/** What a reviewer should know of a task's changes as things are now, as lines. Changes nothing. */
export async function warningsOf(
  {
    store,
    settings,
    now,
  }: { readonly store: Pick<TeamStore, 'audit'>; readonly settings: Settings; readonly now: number },
  task: Pick<Task, 'id' | 'options'>,
  changes: readonly ChangedFile[],
): Promise<readonly string[]> {
  const modes = settings['claims.modes'];
  const held = await store.audit({ task: task.id, paths: claimsFor(modes, filesOf(changes)) });
  return findingsText(findingsOf(task, modes, changes, held), now);
}

/** True when nobody but a person may approve it. */
export const needsPerson = ({ held, forbidden }: Findings): boolean => held.length + forbidden.length > 0;

/** How many files are named before they are only counted. */
const named = 10;

/** The findings as lines for people. */
export function findingsText({ held, forbidden, outside, rewritten }: Findings, now: number): readonly string[] {
  const list = (what: string, files: readonly string[]) =>
    files.length === 0
      ? []
      : [
          `${what}: ${files.slice(0, named).join(', ')}${files.length > named ? ` and ${files.length - named} more` : ''}`,
        ];
  return [
    ...held.slice(0, named).map(({ wanted, by }) => `changes ${wanted.path}, claimed by ${holderText(by, now)}`),
    ...(held.length > named ? [`changes ${held.length - named} more files that others have claimed`] : []),
    ...list('changes what it must not', forbidden),
    ...list('changes more than added in', rewritten),
    ...list('changes files outside its declared paths', outside),
  ];
}

/** Why work cannot land while others hold files that it changes, and what the person can do about it. */
export function heldBackText(held: readonly RefusedClaim[], now: number): string {
  const [first] = held;
  if (first === undefined) return '';
  const { wanted, by } = first;
  const others = new Set(held.map(({ wanted: { path } }) => path)).size - 1;
  const more = others === 0 ? '' : ` (and ${others} more ${others === 1 ? 'file' : 'files'})`;
  const text = declaredText(by);
  const path = /^[\w./@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
  const release = `\`swarm unclaim ${path}${by.holder === 'you' ? '' : ` --of ${by.holder.replace(/^@/, '')}`}\``;
  const instead =
    by.task === undefined ? `Release it: ${release}.` : `Merge that task first, or release it: ${release}.`;
  return `${wanted.path} is claimed by ${holderText(by, now)}${more}. ${instead}`;
}
