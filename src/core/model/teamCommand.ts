import type { Word } from './shellCommand.ts';

/** What a session may say to the others and ask of them, by the names of our command line. */
const verbs: ReadonlySet<string> = new Set([
  'broadcast',
  'claim',
  'claims',
  'commit',
  'context',
  'inbox',
  'message',
  'pull',
  'push',
  'reply',
  'sync',
  'unclaim',
  'update',
]);

/** Options that would make it speak for somebody else, or elsewhere. */
const elsewhere = /^(-C|--(store|worker|settings|repo|cwd)(=|$))/;

/** True when a command is ours with a verb that is for sessions, for the session itself and in its own repository. */
export function isTeamCommand([program, verb, ...rest]: readonly Word[]): boolean {
  if (program?.text !== 'swarm' || verb === undefined || !verbs.has(verb.text)) return false;
  return rest.every(({ text, wild }) => !wild && !elsewhere.test(text));
}
