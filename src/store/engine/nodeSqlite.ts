/** A prepared statement of the SQLite inside Node, as far as it is used. */
export interface NodeStatement {
  all(...parameters: readonly unknown[]): readonly unknown[];
}

/** A connection of the SQLite inside Node, as far as it is used. */
export interface NodeDatabase {
  exec(sql: string): void;
  prepare(sql: string): NodeStatement;
  close(): void;
}

/** Opens a file that exists. Throws where this Node has no SQLite, or the file cannot be opened. */
export function openNodeSqlite(path: string, options: { readonly readOnly: boolean }): NodeDatabase {
  const { DatabaseSync } = nodeSqlite();
  return new DatabaseSync(path, options);
}

interface NodeSqlite {
  readonly DatabaseSync: new (path: string, options: { readonly readOnly: boolean }) => NodeDatabase;
}

/** Some versions of Node warn that their SQLite is experimental; whoever runs a quick command does not want to know. */
function nodeSqlite(): NodeSqlite {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule('node:sqlite') as unknown as NodeSqlite;
  } finally {
    process.emitWarning = emitWarning;
  }
}

const codes: Readonly<Record<number, string>> = {
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  15: 'SQLITE_PROTOCOL',
  26: 'SQLITE_NOTADB',
};

/** An error of Node's SQLite under the name that its number has everywhere else; anything else as it is. */
export function named(error: unknown): unknown {
  const { errcode } = error as { errcode?: unknown };
  const code = typeof errcode === 'number' ? codes[errcode & 0xff] : undefined;
  return code === undefined ? error : Object.assign(new Error((error as Error).message, { cause: error }), { code });
}
