import { AppError, messageOf, UsageError } from '../base/errors.ts';
import type { ExitCode } from './exitCodes.ts';
import { exitCodes } from './exitCodes.ts';
import type { Output } from './output.ts';

/** Tells a failure on stderr (what failed, why, what to do; with `--json` as one document) and returns the exit code for it. */
export function tellError(error: unknown, output: Output): ExitCode {
  const told = translate(error);
  if (output.json) {
    const { code, message, hint } = told;
    output.note(JSON.stringify({ error: { code, message, ...(hint === undefined ? {} : { hint }) } }));
    return told.exit;
  }
  const [first = '', ...more] = told.message.split('\n');
  output.note({ text: 'swarm: ', style: 'red' }, first);
  for (const line of [...more, ...told.why]) output.note(`  ${line}`);
  if (told.hint !== undefined) output.note({ text: told.hint, style: 'cyan' });
  return told.exit;
}

interface Told {
  readonly code: string;
  readonly message: string;
  readonly why: readonly string[];
  readonly hint: string | undefined;
  readonly exit: ExitCode;
}

function translate(error: unknown): Told {
  if (!AppError.is(error)) {
    const stack = error instanceof Error ? (error.stack ?? '') : '';
    return {
      code: 'bug',
      message: messageOf(error),
      why: stack
        .split('\n')
        .slice(1)
        .map((line) => line.trim()),
      hint: 'This is a mistake in Swarm. Please report it with the lines above.',
      exit: exitCodes.bug,
    };
  }
  const why: string[] = [];
  for (let cause = error.cause; cause !== undefined; cause = cause instanceof Error ? cause.cause : undefined) {
    const text = messageOf(cause);
    if (!error.message.includes(text)) why.push(...text.split('\n'));
  }
  const exit = error instanceof UsageError ? exitCodes.usage : exitCodes.refused;
  return { code: error.code, message: error.message, why, hint: error.hint, exit };
}
