/** Text as Markdown that shows exactly that text: nothing in it becomes a link, an image or a format. */
export function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]()<>#+\-=.!|~&$:@]/g, '\\$&').replace(/\s*\r?\n\s*/g, ' ');
}

/** Text of several lines as Markdown that shows exactly these lines, each with the space that it begins with. */
export function lines(text: string): string {
  const line = (raw: string): string => {
    const [indent = ''] = /^[ \t]*/.exec(raw) ?? [];
    return `${indent.replaceAll('\t', '    ').replaceAll(' ', '\u00a0')}${plain(raw.slice(indent.length))}`;
  };
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((raw) => (raw.trim() === '' ? '' : `${line(raw)}  `))
    .join('\n');
}

/** Text of several lines as a Markdown quotation, at most `most` lines of it. */
export function quoted(text: string, most: number): string {
  const lines = text.trimEnd().split(/\r?\n/);
  const shown = lines.slice(0, most).map((line) => `> ${plain(line)}  `);
  return [...shown, ...(lines.length > most ? ['> …'] : [])].join('\n');
}

/** Text of several lines as a code block that nothing in it can end. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), (run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text.trimEnd()}\n${fence}`;
}

/** A short value as code. */
export function code(text: string): string {
  const line = text.replace(/\s*\r?\n\s*/g, ' ');
  if (line === '') return '';
  const longest = Math.max(0, ...Array.from(line.matchAll(/`+/g), (run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  const space = longest > 0 ? ' ' : '';
  return `${fence}${space}${line}${space}${fence}`;
}
