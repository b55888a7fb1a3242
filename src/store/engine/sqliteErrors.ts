import { AppError, messageOf } from '../../base/errors.ts';

const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
};

/** True when another process holds what was wanted, so that trying again will do. */
export const isBusy = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(codeOf(error));

/** True when the disk is full. */
const isFull = (error: unknown): boolean => /^(SQLITE_FULL|SQLITE_IOERR_SHMSIZE|ENOSPC|EDQUOT)$/.test(codeOf(error));

/** What SQLite or the file system says about the store, as a person can use it. Anything else is returned as it is. */
export function storeError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (isFull(error)) {
    return new AppError('store_full', `the disk is full: ${path} cannot be written`, {
      hint: 'Free some space; nothing that was saved before is lost.',
      cause: error,
    });
  }
  if (isBusy(error)) {
    return new AppError('store_busy', `other processes kept ${path} busy`, {
      hint: 'Try again; if it stays, look for a stopped process that has the file open.',
      cause: error,
    });
  }
  if (/^(SQLITE_(READONLY|CANTOPEN|PERM|AUTH)|E(ACCES|PERM|ROFS)$)/.test(code)) {
    return new AppError('store_read_only', `${path} cannot be written: ${messageOf(error)}`, {
      hint: 'Give yourself write permission on its folder, or work in a copy of the repository that you can write to.',
      cause: error,
    });
  }
  if (/^(SQLITE_(CORRUPT|NOTADB|IOERR|FORMAT)|E(IO|NOTDIR|ISDIR)$)/.test(code)) {
    return new AppError('store_broken', `${path} cannot be read as a store: ${messageOf(error)}`, {
      hint: 'Restore the file from a backup, or move its folder away to begin anew; branches and worktrees are not touched.',
      cause: error,
    });
  }
  return error;
}
