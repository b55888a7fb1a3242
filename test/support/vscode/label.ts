import type { Locator } from 'playwright-core';

/** Those of `rows` (of a tree, a list, a quick pick) whose label is exactly `label`. */
export function labelled(rows: Locator, label: string): Locator {
  const literal = label.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return rows.filter({ has: rows.page().locator('.label-name', { hasText: new RegExp(`^\\s*${literal}\\s*$`) }) });
}
