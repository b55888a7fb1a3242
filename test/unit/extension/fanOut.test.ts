import { expect, test } from 'vitest';
import { requestsFromText } from '../../../src/bridge/taskTexts.ts';
import { fanOutOf, isPasteOf } from '../../../src/extension/fanOut/draft.ts';

const draft = { requests: [{ prompt: 'a' }], target: 'main', workers: 2, review: 'human', land: false } as const;

test('a draft becomes an interactive fan-out that leaves to the settings what nobody said', () => {
  expect(fanOutOf(draft)).toEqual({
    requests: [{ prompt: 'a', options: {} }],
    target: 'main',
    workers: 2,
    mode: 'interactive',
    review: 'human',
    land: false,
  });
});

test('what is said for all holds for each task that says nothing itself', () => {
  const requests = [{ prompt: 'a' }, { prompt: 'b', options: { model: 'haiku' } }];
  const asked = fanOutOf({ ...draft, requests, model: 'opus', permissionMode: 'plan', check: 'npm test', base: 'v1' });
  expect(asked).toEqual({
    requests: [
      { prompt: 'a', options: { model: 'opus', permissionMode: 'plan' } },
      { prompt: 'b', options: { model: 'haiku', permissionMode: 'plan' } },
    ],
    target: 'main',
    base: 'v1',
    workers: 2,
    mode: 'interactive',
    review: 'human',
    land: false,
    check: 'npm test',
  });
});

test('several pasted lines are known again after an input of one line has joined them', () => {
  expect([
    isPasteOf('fix a fix b', 'fix a\nfix b\n'),
    isPasteOf('fix afix b', 'fix a\r\nfix b'),
    isPasteOf('fix a', 'fix a\n'),
    isPasteOf('fix c fix b', 'fix a\nfix b'),
  ]).toEqual([true, true, false, false]);
});

test('a text is read by what it is: lines, a Markdown list, YAML or JSON', () => {
  expect([
    requestsFromText('one\n\ntwo\n', 'notes.txt'),
    requestsFromText('# Todo\n- [x] done\n- [ ] open\n  with a detail\n', 'TODO.md'),
    requestsFromText('- fix a\n- prompt: fix b\n  after: []\n', 'tasks.yaml'),
    requestsFromText('{"tasks": ["fix a"]}', 'tasks.JSON'),
  ]).toEqual([
    [{ prompt: 'one' }, { prompt: 'two' }],
    [{ prompt: 'open\nwith a detail' }],
    [{ prompt: 'fix a' }, { prompt: 'fix b', after: [], options: {} }],
    [{ prompt: 'fix a' }],
  ]);
  expect(() => requestsFromText('- [', 'tasks.yaml')).toThrow(/tasks\.yaml/);
});
