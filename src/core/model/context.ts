import type { ContextId } from './ids.ts';
import type { Party } from './party.ts';

export const contextCategories = ['decision', 'interface', 'warning', 'convention', 'discovery'] as const;
export type ContextCategory = (typeof contextCategories)[number];

/** A fact that all sessions share. */
export interface ContextEntry {
  readonly id: ContextId;
  /** Grows in the order in which entries were committed. */
  readonly seq: number;
  readonly author: Party;
  /** The author's name at that time, as `Member.title`. */
  readonly authorTitle: string;
  readonly category: ContextCategory;
  /** Plain text, at most `longestBody` characters of message.ts. */
  readonly text: string;
  /** Wall clock, milliseconds since 1970. */
  readonly at: number;
}

/** A value under a name that every session is told from its start. */
export interface ContextValue {
  readonly key: string;
  readonly value: string;
  readonly author: Party;
  readonly at: number;
}

/** Names of values: `[A-Za-z0-9][A-Za-z0-9_.-]{0,63}`. */
export const isContextKey = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(text);
/** Characters of a value at most: it is in the prompt of every session. */
export const longestValue = 1000;
