import { basename, dirname } from 'node:path/posix';
import { assertNever } from '../../base/errors.ts';
import type { TaskId } from '../../core/model/ids.ts';
import type { ChangedFile } from '../../core/ports.ts';
import type { Row } from './row.ts';
import type { Words } from './words.ts';

/** `3 files +10 −2`. */
export function changesInShort(words: Words, files: readonly ChangedFile[]): string {
  const added = files.reduce((sum, file) => sum + (file.added ?? 0), 0);
  const removed = files.reduce((sum, file) => sum + (file.removed ?? 0), 0);
  const count = files.length === 1 ? words.t('1 file') : words.t('{0} files', words.count(files.length));
  return `${count} +${words.count(added)} −${words.count(removed)}`;
}

const fileId = /^(t[0-9a-z]+)\/file\/(.*)$/s;

/** The id of the row of one changed file of a task. */
export const fileRowId = (task: TaskId, path: string): string => `${task}/file/${path}`;

/** What the id of a file's row names; undefined for other rows. */
export function fileOfRow(id: string): { readonly task: string; readonly path: string } | undefined {
  const [, task, path] = fileId.exec(id) ?? [];
  return task === undefined || path === undefined ? undefined : { task, path };
}

/** The rows of a task's changed files. */
export function fileRows(words: Words, task: TaskId, files: readonly ChangedFile[]): readonly Row[] {
  return files.map((file) => {
    const folder = dirname(file.path);
    const lines = file.added === undefined ? words.t('binary') : `+${file.added} −${file.removed ?? 0}`;
    const renamed = file.from === undefined || file.from === file.path ? '' : `← ${file.from}`;
    const parts = [statusLetter(file), lines, folder === '.' ? '' : folder, renamed];
    return {
      id: fileRowId(task, file.path),
      label: basename(file.path),
      description: parts.filter((part) => part !== '').join(' · '),
      file: file.path,
      context: 'file',
      spoken: `${file.path}, ${statusWord(words, file)}, ${lines}`,
      opens: 'swarm.openFileDiff',
    };
  });
}

const statusLetter = (file: ChangedFile): string =>
  ({ added: 'A', modified: 'M', deleted: 'D', renamed: 'R', copied: 'C', type_changed: 'T' })[file.status];

function statusWord({ t }: Words, file: ChangedFile): string {
  switch (file.status) {
    case 'added':
      return t('added');
    case 'modified':
      return t('modified');
    case 'deleted':
      return t('deleted');
    case 'renamed':
      return t('renamed');
    case 'copied':
      return t('copied');
    case 'type_changed':
      return t('type changed');
    default:
      return assertNever(file.status, 'status');
  }
}
