import type { LogOutputChannel } from 'vscode';
import { AppError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';

/** The output channel as the log of all rooms. */
export const channelLog = (channel: LogOutputChannel): Log => ({
  debug: (message) => channel.debug(message),
  info: (message) => channel.info(message),
  warn: (message) => channel.warn(message),
  error: (message, cause) => {
    channel.error(message);
    if (cause !== undefined) channel.error(explained(cause));
  },
});

/** An error with its hint and everything that caused it. */
function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const hint = AppError.is(error) && error.hint !== undefined ? `\n  ${error.hint}` : '';
  const cause = error.cause === undefined ? '' : `\n  caused by: ${explained(error.cause)}`;
  return `${AppError.is(error) ? `${error.code}: ${error.message}` : (error.stack ?? error.message)}${hint}${cause}`;
}
