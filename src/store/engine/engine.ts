import type { Disposable } from '../../base/lifecycle.ts';
import type { Tx } from '../transaction.ts';

export interface WriteOptions {
  /** Transactions with the same name here never overlap; an engine with one writer at a time need not look. */
  readonly lock: string;
  /** Committed only once it would survive a loss of power. */
  readonly durable: boolean;
}

/** A database that runs transactions. A transaction is given as its maker, because it may have to be begun again. */
export interface Engine extends Disposable {
  readonly dialect: 'sqlite' | 'postgres';
  /** All of its repositories are on this machine. */
  readonly isLocal: boolean;
  /** Statements that belong to the very first transaction of a new store. */
  readonly birth: readonly string[];
  /** True when there are no tables of ours yet. Throws AppError when what is there cannot be ours. */
  isFresh(): Promise<boolean>;
  /** Called once the tables stand: from now on the store is expected to exist. */
  established(): Promise<void>;
  /** Runs a transaction that only looks; it sees one moment. */
  read<R>(tx: () => Tx<R>): Promise<R>;
  /** Runs a transaction that may change things. */
  write<R>(tx: () => Tx<R>, options: WriteOptions): Promise<R>;
  /** Calls `listener` soon after something was committed, by anyone; several commits may make one call. */
  onDidChange(listener: () => void): Disposable;
  /** Reads everything and returns what is wrong with it, in words; empty when all is well. */
  check(): Promise<readonly string[]>;
}
