import { expect, test } from 'vitest';
import { ProgressEar } from '../../../src/claude/progressEar.ts';
import type { SessionEvent } from '../../../src/core/model/session.ts';

const said = (text: string): SessionEvent => ({ kind: 'text', text });
const ended = (text: string): SessionEvent => ({ kind: 'turn_ended', text, pending: 0 });
const tool: SessionEvent = { kind: 'tool', use: 'u', tool: 'Bash', summary: '' };
const stuck = 'I tried.\nSTUCK: no key\n';

test.each<[string, readonly SessionEvent[], readonly string[]]>([
  ['said, then the turn ends', [said(stuck), ended(stuck.trim())], ['text', 'stuck', 'turn_ended']],
  ['the turn ends before the words are known', [ended(stuck.trim()), said(stuck)], ['stuck', 'turn_ended', 'text']],
  [
    'said once more after a tool',
    [said(stuck), tool, said(stuck), ended(stuck)],
    ['text', 'stuck', 'tool', 'text', 'stuck', 'turn_ended'],
  ],
  [
    'said in another turn',
    [ended(stuck), { kind: 'prompted', text: 'go on' }, ended(stuck)],
    ['stuck', 'turn_ended', 'prompted', 'stuck', 'turn_ended'],
  ],
  [
    'known only after the next prompt',
    [ended(stuck), { kind: 'prompted', text: 'go on' }, said(stuck), said('Found.'), ended('Found.')],
    ['stuck', 'turn_ended', 'prompted', 'text', 'text', 'turn_ended'],
  ],
  ['nothing of it', [said('Done.'), ended('Done.')], ['text', 'turn_ended']],
])('%s', (_, events, heard) => {
  const ear = new ProgressEar();
  expect(events.flatMap((event) => ear.hear(event)).map(({ kind }) => kind)).toEqual(heard);
});
