import { expect, test } from 'vitest';
import { onlyAdds } from '../../../src/core/model/append.ts';

const edit = (old_string: unknown, new_string: unknown) => ({ old_string, new_string });

test.each([
  ['a new file', 'Write', { content: 'anything' }, undefined, true],
  ['lines behind', 'Write', { content: 'one\ntwo\n' }, 'one\n', true],
  ['lines behind one without an end', 'Write', { content: 'one\ntwo\n' }, 'one', true],
  ['lines before', 'Write', { content: 'zero\none\n' }, 'one\n', true],
  ['nothing', 'Write', { content: 'one\n' }, 'one\n', true],
  ['anything to an empty file', 'Write', { content: 'one\n' }, '', true],
  ['a longer last line', 'Write', { content: 'one more\n' }, 'one', false],
  ['a longer first line', 'Write', { content: 'not one\n' }, 'one\n', false],
  ['something else', 'Write', { content: 'two\n' }, 'one\n', false],
  ['less', 'Write', { content: 'one\n' }, 'one\ntwo\n', false],
  ['no text', 'Write', {}, 'one\n', false],
  ['an edit that keeps the old text', 'Edit', edit('one', 'one\ntwo'), 'one\n', true],
  ['an edit that replaces it', 'Edit', edit('one', 'two'), 'one\n', false],
  ['an edit that removes it', 'Edit', edit('one', ''), 'one\n', false],
  ['an edit that makes a file', 'Edit', edit('', 'two'), undefined, true],
  ['an edit of no text', 'Edit', edit(1, 'two'), 'one\n', false],
  ['edits that all keep', 'MultiEdit', { edits: [edit('a', 'ab'), edit('c', 'dc')] }, 'ac', true],
  ['edits of which one does not', 'MultiEdit', { edits: [edit('a', 'ab'), edit('c', 'd')] }, 'ac', false],
  ['edits of nothing known', 'MultiEdit', { edits: [null] }, 'ac', false],
  ['another cell', 'NotebookEdit', { edit_mode: 'insert', new_source: 'x' }, '{}', true],
  ['another cell in place of one', 'NotebookEdit', { new_source: 'x' }, '{}', false],
  ['a tool that is not known', 'Overwrite', { content: 'one\ntwo\n' }, 'one\n', false],
] as const)('%s', (_, tool, input, before, adds) => {
  expect(onlyAdds({ tool, input }, before)).toBe(adds);
});
