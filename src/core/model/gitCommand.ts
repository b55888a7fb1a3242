import type { Word } from './shellCommand.ts';

/** The options of one subcommand that do nothing but what its name says. Others, also abbreviated ones, are not known. */
interface Options {
  /** Long options without a value, or with one after `=`. */
  readonly long: ReadonlySet<string>;
  /** Long options whose value may also be the next word. */
  readonly longWithValue: ReadonlySet<string>;
  /** Letters that may stand together after one hyphen. */
  readonly short: string;
  /** Letters whose value is the rest of the word, or the next one. */
  readonly shortWithValue: string;
}

const list = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((word) => word !== ''));
const options = (long: string, longWithValue = '', short = '', shortWithValue = ''): Options => ({
  long: list(long),
  longWithValue: list(longWithValue),
  short,
  shortWithValue,
});

const diffLong = `abbrev binary cached check color color-words compact-summary diff-filter dirstat exit-code find-copies
  find-renames full-index function-context histogram ignore-all-space ignore-blank-lines ignore-cr-at-eol
  ignore-space-at-eol ignore-space-change merge-base minimal name-only name-status no-color no-patch no-prefix no-renames
  numstat patch patch-with-stat patience pickaxe-all pickaxe-regex quiet raw relative shortstat staged stat summary text
  unified word-diff`;
const logLong = `abbrev-commit all author-date-order branches date date-order decorate first-parent follow format
  full-history graph left-right merges no-abbrev-commit no-decorate no-merges no-notes oneline parents pretty remotes
  reverse simplify-by-decoration stat tags topo-order walk-reflogs`;
const logWithValue = 'after author before committer grep max-count since skip until';

const subcommands: Readonly<Record<string, Options>> = {
  add: options('all dry-run ignore-removal intent-to-add no-all refresh renormalize update verbose', '', 'AuvnN'),
  blame: options('date line-porcelain porcelain root show-email show-name show-number since', '', 'bcefklnpstwM', 'L'),
  commit: options('all allow-empty no-edit no-status quiet signoff verbose', 'message', 'aqsv', 'm'),
  diff: options(diffLong, '', 'abpqrsuwzRMW', 'USGl'),
  log: options(`${diffLong} ${logLong}`, logWithValue, 'abgipqrsuwzERFPMW', 'nUSGL'),
  mv: options('dry-run force verbose', '', 'fknv'),
  restore: options('ours progress quiet staged theirs worktree', 'source', 'qSW', 's'),
  rm: options('cached dry-run force ignore-unmatch quiet', '', 'fnqr'),
  show: options(`${diffLong} ${logLong}`, logWithValue, 'abpqrsuwzMW', 'nUSG'),
  status: options(
    'ahead-behind branch ignored long no-ahead-behind no-renames porcelain renames short show-stash untracked-files verbose',
    '',
    'bsvz',
    'u',
  ),
};

/**
 * True when a command is git with one of the subcommands that sessions may use, with options that neither write
 * elsewhere, run other programs, skip hooks nor rewrite commits, and with operands that all pass `isInside`.
 */
export function isOrdinaryGit(command: readonly Word[], isInside: (operand: string) => boolean): boolean {
  const [git, ...rest] = command;
  if (git?.text !== 'git') return false;
  const [subcommand, ...args] = rest[0]?.text === '--no-pager' ? rest.slice(1) : rest;
  if (subcommand === undefined || !Object.hasOwn(subcommands, subcommand.text)) return false;
  const known = subcommands[subcommand.text];
  const given = known && readArguments(args, known, isInside);
  if (given === undefined) return false;
  // Git moves files through a link to another folder; a pattern could stand for such a link.
  if (subcommand.text === 'mv') return args.every(({ text }) => !/[*?[]/.test(text));
  // Without a message git would open an editor.
  return subcommand.text !== 'commit' || ['m', 'message', 'no-edit'].some((option) => given.has(option));
}

/** The options that were given; undefined when anything is not known to be harmless. */
function readArguments(
  args: readonly Word[],
  known: Options,
  isInside: (operand: string) => boolean,
): ReadonlySet<string> | undefined {
  const given = new Set<string>();
  let onlyPaths = false;
  for (let at = 0; at < args.length; at += 1) {
    const { text, wild } = args[at] ?? { text: '', wild: true };
    if (onlyPaths || !text.startsWith('-')) {
      if ((wild && !onlyPaths) || leavesFolder(text) || !isInside(text)) return undefined;
    } else if (text === '--') {
      onlyPaths = true;
    } else {
      const option = text.startsWith('--') ? readLong(text, known) : readShort(text, known);
      if (option === undefined) return undefined;
      for (const name of option.names) given.add(name);
      if (option.wantsNext) {
        at += 1;
        const value = args[at];
        if (value === undefined || value.wild) return undefined;
      }
    }
  }
  return given;
}

interface Option {
  readonly names: readonly string[];
  readonly wantsNext: boolean;
}

function readLong(text: string, known: Options): Option | undefined {
  const [name = '', value] = text.slice(2).split(/=(.*)/s);
  if (known.long.has(name)) return { names: [name], wantsNext: false };
  return known.longWithValue.has(name) ? { names: [name], wantsNext: value === undefined } : undefined;
}

function readShort(text: string, known: Options): Option | undefined {
  if (/^-\d+$/.test(text) && known.shortWithValue.includes('n')) return { names: [], wantsNext: false };
  const names: string[] = [];
  for (let at = 1; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (known.shortWithValue.includes(letter)) {
      // `git status -u` and `git diff -U` take their value in the same word or not at all.
      const wantsNext = at === text.length - 1 && !'uU'.includes(letter);
      return { names: [...names, letter], wantsNext };
    }
    if (!known.short.includes(letter)) return undefined;
    names.push(letter);
  }
  return names.length > 0 ? { names, wantsNext: false } : undefined;
}

/** Revisions such as `main..HEAD` have dots inside a part; only a whole part of two dots leaves a folder. */
function leavesFolder(operand: string): boolean {
  return operand.split(/[/\\]/).includes('..');
}
