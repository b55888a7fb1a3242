import {
  EventEmitter,
  MarkdownString,
  ThemeColor,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  Uri,
} from 'vscode';
import type { Row } from '../model/row.ts';
import { changedRows, rowsById } from '../model/row.ts';

/** Where a tree gets what its rows do not hold. */
export interface RowSource {
  /** The rows below one whose children are not known before it is unfolded. */
  more(id: string): Promise<readonly Row[]>;
  /** Markdown for the hover over a row; undefined: VS Code shows the label. */
  hover(id: string): Promise<string | undefined>;
}

/** Shows rows as a tree. Its elements are the rows' ids, so that a refresh never loses what is unfolded or selected. */
export class RowTree implements TreeDataProvider<string> {
  readonly #source: RowSource;
  readonly #changed = new EventEmitter<string[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  #rows: readonly Row[] = [];
  #byId: ReadonlyMap<string, Row> = new Map();
  /** Rows that were fetched when their parent was unfolded, by parent. */
  readonly #fetched = new Map<string, ReadonlyMap<string, Row>>();

  constructor(source: RowSource) {
    this.#source = source;
  }

  /** Shows these rows from now on; only what differs is refreshed. */
  show(rows: readonly Row[]): void {
    const changed = changedRows(this.#rows, rows);
    this.#rows = rows;
    this.#byId = rowsById(rows);
    for (const id of this.#fetched.keys()) if (!this.#row(id)) this.#fetched.delete(id);
    if (changed.length === 0) return;
    this.#changed.fire(changed.includes(undefined) ? undefined : changed.filter((id) => id !== undefined));
  }

  async getChildren(id?: string): Promise<string[]> {
    if (id === undefined) return this.#rows.map((row) => row.id);
    const row = this.#row(id);
    if (!row || row.expanded === undefined) return [];
    if (row.children) return row.children.map((child) => child.id);
    const more = await this.#source.more(id);
    this.#fetched.set(id, new Map(more.map((each) => [each.id, each])));
    return more.map((child) => child.id);
  }

  getTreeItem(id: string): TreeItem {
    const row = this.#row(id);
    // VS Code may still ask for what has just gone; the refresh that says so is on its way.
    if (!row) return new TreeItem('');
    const item = new TreeItem(row.label, foldOf(row));
    item.id = row.id;
    item.contextValue = row.context;
    if (row.description !== undefined) item.description = row.description;
    if (row.icon)
      item.iconPath = new ThemeIcon(row.icon.name, row.icon.color ? new ThemeColor(row.icon.color) : undefined);
    if (row.file !== undefined) {
      item.resourceUri = Uri.from({ scheme: 'swarm-file', path: `/${row.file}` });
      item.iconPath = ThemeIcon.File;
    }
    if (row.spoken !== undefined) item.accessibilityInformation = { label: row.spoken };
    if (row.opens !== undefined) item.command = { command: row.opens, title: '', arguments: [row.id] };
    return item;
  }

  async resolveTreeItem(item: TreeItem, id: string): Promise<TreeItem> {
    const text = await this.#source.hover(id);
    // What comes from tasks and sessions is escaped, and Markdown that is not trusted runs no command.
    if (text !== undefined) item.tooltip = new MarkdownString(text);
    return item;
  }

  getParent(id: string): string | undefined {
    for (const row of this.#byId.values()) if (row.children?.some((child) => child.id === id)) return row.id;
    for (const [parent, rows] of this.#fetched) if (rows.has(id)) return parent;
    return undefined;
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #row(id: string): Row | undefined {
    const known = this.#byId.get(id);
    if (known) return known;
    for (const rows of this.#fetched.values()) {
      const row = rows.get(id);
      if (row) return row;
    }
    return undefined;
  }
}

function foldOf(row: Row): TreeItemCollapsibleState {
  if (row.expanded === undefined) return TreeItemCollapsibleState.None;
  return row.expanded ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed;
}
