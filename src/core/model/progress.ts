import type { SessionEvent } from './session.ts';

const longest = 500;
/** Backticks with more of them behind are code within the line. */
const fence = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/;
const sure = String.raw`\(?\s*(\d{1,3})\s*%\s*\)?`;
const statusLine = new RegExp(String.raw`^STATUS(?:\s+${sure})?\s*:\s*(.*?)\s*$`);
const sureAtEnd = /^(.*?)\s*\(\s*(\d{1,3})\s*%\s*\)$/;
const stuckLine = /^STUCK\s*:\s*(.*?)\s*$/;

/**
 * What a session says of its progress: `STATUS: text (80%)`, `STATUS 80%: text` and `STUCK: text` at the beginning of a line,
 * outside of fenced code. Everything else says nothing.
 */
export function progressIn(text: string): readonly Extract<SessionEvent, { kind: 'status' | 'stuck' }>[] {
  let open: string | undefined;
  return text.split(/\r?\n/).flatMap((line) => {
    const [, mark] = fence.exec(line) ?? [];
    if (mark !== undefined && (open === undefined || closes(mark, open, line))) {
      open = open === undefined ? mark : undefined;
      return [];
    }
    return open === undefined ? progressOf(line) : [];
  });
}

function progressOf(line: string): readonly Extract<SessionEvent, { kind: 'status' | 'stuck' }>[] {
  const [, reason] = stuckLine.exec(line) ?? [];
  if (reason) return [{ kind: 'stuck', text: reason.slice(0, longest) }];
  const [, first, said = ''] = statusLine.exec(line) ?? [];
  const [, before = said, last] = first === undefined ? (sureAtEnd.exec(said) ?? []) : [];
  if (before === '') return [];
  const confidence = Number(first ?? last ?? Number.NaN);
  return [{ kind: 'status', text: before.slice(0, longest), ...(confidence <= 100 ? { confidence } : {}) }];
}

/** A fence is closed by one of the same kind, as long at least, with nothing behind it. */
const closes = (mark: string, open: string, line: string): boolean =>
  mark[0] === open[0] && mark.length >= open.length && line.trim() === mark;
