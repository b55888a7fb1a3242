import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';

/** A log in a file, one line each, written at once so that a killed process leaves its last words. */
export function fileLog(file: string): Log {
  mkdirSync(dirname(file), { recursive: true });
  const write = (level: string, message: string): void => {
    try {
      appendFileSync(file, `${new Date().toISOString()} ${level} ${message}\n`, { mode: 0o600 });
    } catch {
      // A full disk must not end the work; what it does is in the store.
    }
  };
  return {
    debug: (message) => write('debug', message),
    info: (message) => write('info', message),
    warn: (message) => write('warn', message),
    error: (message, cause) => write('error', cause === undefined ? message : `${message}: ${messageOf(cause)}`),
  };
}
