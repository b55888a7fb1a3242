import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Uri } from 'vscode';
import { UsageError } from '../../base/errors.ts';
import type { FoundTask } from '../find.ts';
import { findTask } from '../find.ts';
import type { Repositories } from '../repositories.ts';
import { words } from '../words.ts';
import type { LiveTexts } from './liveTexts.ts';

const { t, time, count } = words;

/** The log of a task, readable. */
const logScheme = 'swarm-log';
/** Of longer logs the end is shown. */
const mostBytes = 1_000_000;

export const taskLogUri = ({ task }: FoundTask): Uri =>
  Uri.from({ scheme: logScheme, path: `/${task.title.replaceAll('/', '∕')}.log`, query: task.id });

/** What the sessions of a task did, one after the other, and the end of the check if that was red. */
export const taskLogs = (repositories: Repositories): LiveTexts => ({
  scheme: logScheme,
  follows: true,
  onDidChange: (listener) => repositories.onDidSee(listener),
  read: async (uri) => {
    const found = findTask(repositories, uri.query);
    if (!found) throw new UsageError(t('There is no task {0} in this window.', uri.query));
    const { repository, seen, task } = found;
    const sessions = await repository.open.store.sessions(task.id);
    const folders = new Map(sessions.map((session) => [session.logs, session]));
    const parts = await Promise.all(
      [...folders].map(async ([folder, session], index) => {
        const heading = t('Session {0}, {1}', index + 1, time(session.startedAt));
        return `── ${heading} ──\n${await end(join(folder, 'log.txt'))}`;
      }),
    );
    const entry = seen.entries.get(task.id);
    if (entry?.log !== undefined) parts.push(`── ${t('Check before landing')} ──\n${await end(entry.log)}`);
    return parts.length === 0 ? t('“{0}” has not been started yet.', task.title) : parts.join('\n');
  },
});

/** The end of a file; an absent one has none. */
async function end(path: string): Promise<string> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - mostBytes);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - from), position: from });
    const text = buffer.subarray(0, bytesRead).toString('utf8');
    return from === 0 ? text : `… ${t('{0} bytes left out', count(from))}\n${text.slice(text.indexOf('\n') + 1)}`;
  } finally {
    await file.close();
  }
}
