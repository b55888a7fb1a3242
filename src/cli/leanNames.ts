const leanVerbs = ['sync', 'claim', 'claims', 'unclaim', 'message', 'broadcast', 'inbox', 'reply'] as const;
export type LeanVerb = (typeof leanVerbs)[number];

/** True for the name of a verb of a session that is done without the whole program. */
export const isLeanVerb = (word: string): word is LeanVerb => (leanVerbs as readonly string[]).includes(word);

/** True for a word with which a command begins that only looks. */
export const isLook = (word: string): boolean => word === 'status' || word === 'task';
