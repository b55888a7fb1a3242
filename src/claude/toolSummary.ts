const limit = 200;

/** One line of at most 200 characters, without control characters. */
export function oneLine(text: string): string {
  const start = text.slice(0, 4 * limit);
  const clean = withoutControls(start).replace(/\s+/g, ' ').trim();
  return clean.length <= limit && start === text ? clean : `${clean.slice(0, limit - 1).trimEnd()}…`;
}

/** The same text with every control character but the line break made a blank, so that no terminal obeys it. */
export function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the point.
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ');
}

/** What a tool is about to do, in one line: the command, the file, the address. */
export function summaryOf(input: Readonly<Record<string, unknown>>): string {
  const telling = ['command', 'file_path', 'notebook_path', 'url', 'query', 'pattern', 'path', 'description', 'plan'];
  for (const key of telling) {
    const value = input[key];
    if (typeof value === 'string' && value !== '') return oneLine(value);
  }
  const { questions } = input;
  if (!Array.isArray(questions)) return '';
  return oneLine(questions.map((item: unknown) => questionOf(item)).join(' / '));
}

function questionOf(item: unknown): string {
  return typeof item === 'object' && item !== null && 'question' in item ? String(item.question) : '';
}

/** What a tool has answered, in one line; its answers are texts, lists of contents or objects of its own. */
export function summaryOfResult(result: unknown): string {
  if (Array.isArray(result)) return oneLine(result.map((item: unknown) => textIn(item)).join(' '));
  return oneLine(textIn(result));
}

function textIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  const { text, stdout, stderr, content, filePath } = value as Readonly<Record<string, unknown>>;
  const told = typeof stdout === 'string' ? [stdout, stderr] : [[text, filePath, content].find(isText)];
  return told.filter(isText).join(' ');
}

const isText = (part: unknown): part is string => typeof part === 'string' && part !== '';
