/** Longest text of an event, in characters. */
const longest = 500;
/** What is read of a text to make a line of it; beyond that nothing would be shown anyway. */
const looked = 4 * longest;

/** One line for people made of any text: control, bidi and zero-width characters out, at most 500 characters. */
export function line(text: string): string {
  const clean = text
    .slice(0, looked)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: removing control, bidi and zero-width characters is the point.
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const characters = Array.from(clean.toWellFormed());
  return characters.length <= longest
    ? characters.join('')
    : `${characters
        .slice(0, longest - 1)
        .join('')
        .trimEnd()}…`;
}
