/** What may stand in the way of the first session. */
export type Obstacle =
  | 'missing'
  | 'too_old'
  | 'never_started'
  | 'signed_out'
  | 'api_key'
  | 'untrusted'
  | 'undecided_servers';

/** Which of them a person puts right by answering Claude Code's own questions in a terminal. */
export const isAnsweredInTerminal: Readonly<Record<Obstacle | 'ready', boolean>> = {
  missing: false,
  too_old: false,
  never_started: true,
  signed_out: true,
  api_key: true,
  untrusted: true,
  undecided_servers: true,
  ready: false,
};

/** What Claude Code is opened with so that it asks about what stands in the way: without an account it opens as usual and waits for this word. */
export const openingPrompt = (state: Obstacle | 'ready'): readonly string[] =>
  state === 'signed_out' || state === 'api_key' ? ['/login'] : [];
