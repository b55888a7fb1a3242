/** One word of a command, as the shell hands it to the program. */
export interface Word {
  readonly text: string;
  /** Begins with a pattern, so it may stand for several files whose names begin with anything, even a hyphen. */
  readonly wild: boolean;
}

/** A message given as `"$(cat <<'EOF' … EOF)"`: quoted delimiter, so the shell changes nothing in it. */
const literalHeredoc = /^\$\(cat <<'([A-Za-z_][A-Za-z0-9_]*)'\n/;
/** Unquoted, these make the shell do more than pass words on. */
const special = /[$`;|<>(){}\n\r]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the point.
const control = /[\u0000-\u0008\u000b-\u001f\u007f]/;

/**
 * Splits a shell line into simple commands joined by `&&`. Understands words, quotes, backslashes and file patterns;
 * whatever else the line holds (variables, substitutions, redirections, pipes, other joints), the answer is undefined.
 * Holds for sh, bash and zsh alike, and never guesses.
 */
export function parseCommands(line: string): readonly (readonly Word[])[] | undefined {
  if (control.test(line)) return undefined;
  const commands: Word[][] = [[]];
  let text: string | undefined;
  let wild = false;
  const endWord = () => {
    if (text !== undefined) commands.at(-1)?.push({ text, wild });
    text = undefined;
    wild = false;
  };
  for (let at = 0; at < line.length; ) {
    const char = line.charAt(at);
    if (char === ' ' || char === '\t') {
      endWord();
      at += 1;
    } else if (char === '&') {
      endWord();
      if (line.charAt(at + 1) !== '&' || commands.at(-1)?.length === 0) return undefined;
      commands.push([]);
      at += 2;
    } else if (char === "'") {
      const end = line.indexOf("'", at + 1);
      if (end < 0) return undefined;
      text = (text ?? '') + line.slice(at + 1, end);
      at = end + 1;
    } else if (char === '"') {
      const quoted = readDoubleQuotes(line, at + 1);
      if (quoted === undefined) return undefined;
      text = (text ?? '') + quoted.text;
      at = quoted.end;
    } else if (char === '\\') {
      const next = line.charAt(at + 1);
      if (next === '' || next === '\n') return undefined;
      text = (text ?? '') + next;
      at += 2;
    } else {
      if (special.test(char) || expandsAt(char, text)) return undefined;
      if (/[*?[^]/.test(char) && text === undefined) wild = true;
      text = (text ?? '') + char;
      at += 1;
    }
  }
  endWord();
  return commands.at(-1)?.length === 0 ? undefined : commands;
}

/** A home folder, a comment, or zsh's `=program`. */
function expandsAt(char: string, before: string | undefined): boolean {
  if (char === '~') return before === undefined || /[=:]$/.test(before);
  return (char === '#' || char === '=') && before === undefined;
}

function readDoubleQuotes(line: string, start: number): { readonly text: string; readonly end: number } | undefined {
  let text = '';
  for (let at = start; at < line.length; ) {
    const char = line.charAt(at);
    if (char === '"') return { text, end: at + 1 };
    if (char === '`') return undefined;
    if (char === '$') {
      const heredoc = readHeredoc(line, at);
      if (heredoc === undefined) return undefined;
      text += heredoc.text;
      at = heredoc.end;
    } else if (char === '\\') {
      const next = line.charAt(at + 1);
      if (next === '\n') return undefined;
      text += '"\\$`'.includes(next) ? next : char + next;
      at += 2;
    } else {
      text += char;
      at += 1;
    }
  }
  return undefined;
}

function readHeredoc(line: string, start: number): { readonly text: string; readonly end: number } | undefined {
  const [opening, delimiter] = literalHeredoc.exec(line.slice(start)) ?? [];
  if (opening === undefined) return undefined;
  const from = start + opening.length;
  const [closing, body = ''] = new RegExp(`^([^]*?)(?:^|\n)${delimiter}\n\\s*\\)`).exec(line.slice(from)) ?? [];
  if (closing === undefined || misleadsOldBash(body)) return undefined;
  return { text: body.replace(/\n+$/, ''), end: from + closing.length };
}

/** Bash 3 (macOS) takes the first unmatched bracket for the end of `$(`, and would run what follows. */
function misleadsOldBash(body: string): boolean {
  let depth = 0;
  for (const char of body) {
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
    if (depth < 0) return /[$`"]/.test(body);
  }
  return false;
}
