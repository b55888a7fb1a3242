/** A look that a text has on a terminal. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** A piece of output; its look appears on terminals only. */
export type Cell = string | { readonly text: string; readonly style: Style };

export const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text);

const gap = 2;
/** Made when it is first needed: it takes longer to make than a lean command has. */
const makeWide = () =>
  /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|[\u3000-\u303e\uff01-\uff60\uffe0-\uffe6])/u;
const invisible = /^[\p{M}\p{Cf}]+$/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: printable ASCII is what needs no measuring.
const plain = /^[\x00-\x7f]*$/;

let segmenter: Intl.Segmenter | undefined;
let wide: RegExp | undefined;

function graphemes(text: string): readonly string[] {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), (each) => each.segment);
}

function widthOfGrapheme(grapheme: string): number {
  wide ??= makeWide();
  return wide.test(grapheme) ? 2 : invisible.test(grapheme) ? 0 : 1;
}

/** Terminal columns that a text without control characters takes. */
export function widthOf(text: string): number {
  if (plain.test(text)) return text.length;
  return graphemes(text).reduce((sum, grapheme) => sum + widthOfGrapheme(grapheme), 0);
}

/** The beginning of a text that fits into `width` columns, with an ellipsis where something is missing. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const grapheme of graphemes(text)) {
    used += widthOfGrapheme(grapheme);
    if (used > width - 1) break;
    kept += grapheme;
  }
  return `${kept.trimEnd()}…`;
}

/**
 * Lays rows out in columns as wide as their content; where the terminal is too narrow, column `flexible` is shortened
 * (to no less than ten columns). Returns the padded cells of each row.
 */
export function alignColumns(
  rows: readonly (readonly Cell[])[],
  terminalWidth: number,
  flexible: number,
): readonly (readonly Cell[])[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, at) =>
    Math.max(...rows.map((row) => widthOf(textOf(row[at] ?? '')))),
  );
  const others = widths.reduce((sum, width, at) => sum + gap + (at === flexible ? 0 : width), -gap);
  const most = Math.max(10, terminalWidth - others);
  return rows.map((row) =>
    row.map((cell, at) => {
      const width = at === flexible ? Math.min(widths[at] ?? 0, most) : (widths[at] ?? 0);
      const text = cut(textOf(cell), width);
      const padding = at === row.length - 1 ? '' : ' '.repeat(width - widthOf(text) + gap);
      return typeof cell === 'string' ? text + padding : { text: text + padding, style: cell.style };
    }),
  );
}
