/** How a failure is told to a person: what failed, what to do about it, and what caused it. */
export interface AppErrorOptions {
  /** What the person can do next, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** A failure of the world: the disk, git, Claude Code, another process. Exit code 1. */
export class AppError extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  /** @param code short snake_case reason that scripts may compare, for example `worktree_exists`. */
  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
  }

  /** True when `error` is an AppError, and of that code when one is given. */
  static is(error: unknown, code?: string): error is AppError {
    return error instanceof AppError && (code === undefined || error.code === code);
  }
}

/** The person's mistake: nothing was changed. Exit code 2. */
export class UsageError extends AppError {
  constructor(message: string, options: AppErrorOptions = {}) {
    super('usage', message, options);
  }
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** For the default branch of an exhaustive switch: a bug if ever reached. */
export function assertNever(value: never, what: string): never {
  throw new Error(`unexpected ${what}: ${JSON.stringify(value)}`);
}
