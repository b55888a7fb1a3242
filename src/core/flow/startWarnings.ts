import type { Git } from '../ports.ts';

/** How many commits are named before they are only counted. */
const named = 3;

/**
 * What a person should hear of where work on `target` starts: at its tip, which may be behind its upstream; or at another
 * base, which may lack commits that the target has.
 */
export async function startWarnings(
  git: Pick<Git, 'resolve' | 'upstream' | 'missing'>,
  target: string,
  base: string | undefined,
): Promise<readonly string[]> {
  const other = base ?? (await git.upstream(target));
  if (other === undefined) return [];
  const [tip, start] = await Promise.all([git.resolve(`refs/heads/${target}`), git.resolve(other)]);
  if (tip === undefined || start === undefined) return [];
  if (base === undefined) {
    const { count } = await git.missing(tip, start, 0);
    return count === 0 ? [] : [`${target} is ${count} behind ${other}, as last fetched.`];
  }
  const { count, subjects } = await git.missing(start, tip, named);
  if (count === 0) return [];
  const rest = count > subjects.length ? ` and ${count - subjects.length} more` : '';
  const commits = subjects.map((subject) => `“${subject}”`).join(', ');
  return [
    `${base} lacks ${count} ${count === 1 ? 'commit' : 'commits'} of ${target}, and the work starts without: ${commits}${rest}.`,
  ];
}
