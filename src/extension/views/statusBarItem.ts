import { type Disposable, MarkdownString, StatusBarAlignment, ThemeColor, window } from 'vscode';
import type { Face } from '../face.ts';
import { linkedCommands, statusItem } from '../model/statusBar.ts';
import { paced } from '../pace.ts';
import { words } from '../words.ts';

const paceMs = 250;

/** The one item in the status bar: how many workers are busy, and whether the person is needed. */
export function openStatusBarItem({ repositories }: Face): Disposable[] {
  const item = window.createStatusBarItem('swarm.status', StatusBarAlignment.Left, 10);
  item.name = 'Swarm';
  item.command = 'swarm.tasks.focus';
  const pace = paced(paceMs, async () => {
    const shown = statusItem(repositories.seen, words);
    if (!shown) return item.hide();
    item.text = shown.text;
    const tooltip = new MarkdownString(shown.tooltip);
    tooltip.isTrusted = { enabledCommands: linkedCommands };
    item.tooltip = tooltip;
    item.backgroundColor = shown.warning ? new ThemeColor('statusBarItem.warningBackground') : undefined;
    item.accessibilityInformation = { label: shown.spoken };
    item.show();
  });
  return [item, pace, repositories.onDidChange(() => pace.poke()), repositories.onDidSee(() => pace.poke())];
}
