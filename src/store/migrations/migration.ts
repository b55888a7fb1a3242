/** One change of the tables. Once released it is never edited; a further change is a further migration. */
export interface Migration {
  /** Time of its making and a word: sorts in the order to apply, and two branches rarely make the same. */
  readonly id: string;
  /** Portable SQL with `bigint` and `double precision` as types; an engine may translate these. */
  readonly statements: readonly string[];
}
