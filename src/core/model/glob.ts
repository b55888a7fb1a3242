/** True when the text has a character that a glob gives a meaning to. */
export const isGlob = (text: string): boolean => /[*?[{]/.test(text);

/** One step through a path: a character to take, or places to go on at without taking any. */
type Step = { readonly takes: (character: string) => boolean } | { readonly to: number[] };

/** Globs are asked again and again, so what was made of them is kept for a while. */
const known = new Map<string, readonly Step[]>();
const mostKnown = 2_000;

/**
 * What a glob matches: whole paths relative to the repository, with `/` between parts. `*` and `?` stay within a part, `**`
 * as a part stands for any number of them (also none), `[a-z]` for one character, `{a,b}` for either. Compared by key (`keyOf`).
 * Takes time in proportion to both lengths, whatever the glob; a regular expression would not.
 */
export function globPattern(glob: string): { test(path: string): boolean } {
  const steps = known.get(glob) ?? stepsOf(glob);
  if (known.size >= mostKnown) known.clear();
  known.set(glob, steps);
  return {
    test: (path) => {
      let at = reached(steps, [0]);
      for (const character of path) {
        const next: number[] = [];
        for (const place of at) {
          const step = steps[place];
          if (step && 'takes' in step && step.takes(character)) next.push(place + 1);
        }
        if (next.length === 0) return false;
        at = reached(steps, next);
      }
      return at.has(steps.length);
    },
  };
}

/** Everywhere that can be come to from these places without taking a character. */
function reached(steps: readonly Step[], from: readonly number[]): ReadonlySet<number> {
  const found = new Set(from);
  for (const place of found) {
    const step = steps[place];
    if (step && 'to' in step) for (const next of step.to) found.add(next);
  }
  return found;
}

const notSlash = (character: string): boolean => character !== '/';

/** Reads a glob from left to right. What is not closed stands for itself. */
function stepsOf(glob: string): readonly Step[] {
  const steps: Step[] = [];
  const take = (takes: (character: string) => boolean): unknown => steps.push({ takes });
  const go = (...to: number[]): number[] => {
    steps.push({ to });
    return to;
  };
  const anyNumber = (takes: (character: string) => boolean): void => {
    const start = steps.length;
    go(start + 1, start + 3);
    take(takes);
    go(start);
  };
  const braces: { readonly choices: number[]; readonly ends: number[][] }[] = [];
  const close = (): void => {
    for (const end of braces.pop()?.ends ?? []) end.push(steps.length);
  };
  for (let at = 0; at < glob.length; ) {
    const rest = glob.slice(at, at + longestGlob);
    const [across] = ((at === 0 || glob[at - 1] === '/') && /^(?:(?:\*\*+\/)+|\*\*+$)/.exec(rest)) || [];
    const [set] = /^\[[!^]?[^/][^\]/]*\]/.exec(rest) ?? [];
    const brace = braces.at(-1);
    const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    at += (across ?? set ?? character).length;
    if (across?.endsWith('/')) {
      const start = steps.length;
      go(start + 1, start + 5);
      take(notSlash);
      go(start + 1, start + 3);
      take((each) => each === '/');
      go(start);
    } else if (across !== undefined) anyNumber(() => true);
    else if (set !== undefined) take(setOf(set));
    else if (character === '*') anyNumber(notSlash);
    else if (character === '?') take(notSlash);
    else if (character === '{' && rest.includes('}')) braces.push({ choices: go(steps.length + 1), ends: [] });
    else if (character === '}' && brace) close();
    else if (character === ',' && brace) {
      brace.ends.push(go());
      brace.choices.push(steps.length);
    } else take((each) => each === character);
  }
  while (braces.length > 0) close();
  return steps;
}

/** The characters of `[a-z]` or `[!a-z]`; never a slash. */
function setOf(set: string): (character: string) => boolean {
  const isNot = /^\[[!^].+\]$/su.test(set);
  const members = Array.from(set.slice(isNot ? 2 : 1, -1));
  const ranges: (readonly [string, string])[] = [];
  for (let at = 0; at < members.length; at += 1) {
    const [from = '', dash, to] = members.slice(at, at + 3);
    ranges.push(dash === '-' && to !== undefined ? [from, to] : [from, from]);
    if (dash === '-' && to !== undefined) at += 2;
  }
  const isIn = (character: string): boolean => ranges.some(([from, to]) => from <= character && character <= to);
  return (character) => character !== '/' && isIn(character) !== isNot;
}

/** Characters of a glob at most. */
export const longestGlob = 512;

/** The folder that everything a glob matches is in; empty when that may be anywhere. */
export function globFolder(glob: string): string {
  const parts = glob.split('/');
  const first = parts.findIndex(isGlob);
  return parts.slice(0, first === -1 ? parts.length - 1 : first).join('/');
}

/** False only when nothing can be both below the folder and matched by the glob. */
export function globReaches(glob: string, folder: string): boolean {
  const parts = glob.split('/');
  const across = parts.findIndex((part) => part.startsWith('**') || part.includes('{'));
  const wanted = folder.split('/');
  for (const [at, part] of wanted.entries()) {
    if (across !== -1 && at >= across) return true;
    // The last part of a glob names a file, which has nothing below it.
    if (at >= parts.length - 1) return false;
    if (!globPattern(parts[at] ?? '').test(part)) return false;
  }
  return true;
}

/** False only when no path can be matched by both. */
export function globsMeet(one: string, other: string): boolean {
  if (isPlain(one) && isPlain(other)) {
    const [parts, others] = [one.split('/'), other.split('/')];
    return parts.length === others.length && parts.every((part, at) => partsMeet(part, others[at] ?? ''));
  }
  const [a, b] = [globFolder(one), globFolder(other)];
  if (!(isBelow(a, b) || isBelow(b, a))) return false;
  const [x, y] = [ending(one), ending(other)];
  return x.endsWith(y) || y.endsWith(x);
}

const isBelow = (path: string, folder: string): boolean =>
  folder === '' || path === folder || path.startsWith(`${folder}/`);

/** True of a glob of which each part stands for one part of a path. */
const isPlain = (glob: string): boolean => !/\*\*|[{}]/.test(glob);

function partsMeet(one: string, other: string): boolean {
  if (!isGlob(one)) return globPattern(other).test(one);
  if (!isGlob(other)) return globPattern(one).test(other);
  const [a, b] = [beginning(one), beginning(other)];
  const [x, y] = [ending(one), ending(other)];
  return (a.startsWith(b) || b.startsWith(a)) && (x.endsWith(y) || y.endsWith(x));
}

/** What every match of one part begins with. */
const beginning = (part: string): string => /^[^*?[\]{},]*/.exec(part)?.[0] ?? '';

/** What every match ends with. */
function ending(glob: string): string {
  if (glob.includes('{') && (glob.includes('[') || !isBalanced(glob))) return '';
  return /[^*?[\]{},/]*$/.exec(glob)?.[0] ?? '';
}

/** True when each brace has its other one. */
function isBalanced(glob: string): boolean {
  let depth = 0;
  for (const character of glob) {
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}
