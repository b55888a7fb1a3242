/** A product icon and a theme colour for it. */
export interface Icon {
  readonly name: string;
  readonly color?: string;
}

/** One line of a tree, as data. */
export interface Row {
  /** Stays the same for the same thing; the tree's element. */
  readonly id: string;
  readonly label: string;
  /** The part that changes, behind the label. */
  readonly description?: string;
  readonly icon?: Icon;
  /** A path whose file icon is shown instead. */
  readonly file?: string;
  /** Words for the `viewItem` conditions of menus. */
  readonly context: string;
  /** What a screen reader says; absent: label and description. */
  readonly spoken?: string;
  /** The command that a click runs, with this row's id. */
  readonly opens?: string;
  /** Whether it is unfolded at first; absent: nothing is below it. */
  readonly expanded?: boolean;
  /** What is below it; absent where that is only fetched when it is unfolded. */
  readonly children?: readonly Row[];
  /** Changes with what only the hover shows. */
  readonly version?: string;
}

/** The rows of a tree by their ids. */
export function rowsById(rows: readonly Row[], into: Map<string, Row> = new Map()): Map<string, Row> {
  for (const row of rows) {
    into.set(row.id, row);
    if (row.children) rowsById(row.children, into);
  }
  return into;
}

/**
 * The fewest elements to refresh so that a tree of `before` shows `after`; refreshing one renews all below it. `undefined`
 * is the root.
 */
export function changedRows(
  before: readonly Row[],
  after: readonly Row[],
  parent?: string,
): readonly (string | undefined)[] {
  if (before.length !== after.length || before.some((row, index) => row.id !== after[index]?.id)) return [parent];
  return after.flatMap((row, index) => {
    const old = before[index];
    if (!old || !sameLine(old, row)) return [row.id];
    return changedRows(old.children ?? [], row.children ?? [], row.id);
  });
}

const sameLine = (one: Row, other: Row): boolean =>
  one.label === other.label &&
  one.description === other.description &&
  one.icon?.name === other.icon?.name &&
  one.icon?.color === other.icon?.color &&
  one.file === other.file &&
  one.context === other.context &&
  one.spoken === other.spoken &&
  one.opens === other.opens &&
  one.version === other.version &&
  (one.expanded === undefined) === (other.expanded === undefined);
