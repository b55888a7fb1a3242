import { type Disposable, EventEmitter, FileDecoration, ThemeColor, Uri, window } from 'vscode';
import type { Face } from './face.ts';
import { placesIn } from './find.ts';
import type { Mark } from './model/holders.ts';
import { holdersKey, markOf } from './model/holders.ts';
import { Marks } from './model/marks.ts';
import type { Places } from './model/places.ts';
import type { Seen } from './model/seen.ts';
import { words } from './words.ts';

/** Marks claimed files in the explorer and on tabs, those of the checkout and those of worktrees. */
export function openClaimDecorations({ repositories }: Face): Disposable[] {
  const changed = new EventEmitter<Uri[] | undefined>();
  let places: Places | undefined;
  const seenOf = new Map<string, Seen>();
  const marks = new Marks((file) => {
    places ??= placesIn(repositories);
    const place = places.of(Uri.parse(file).path);
    const seen = place && seenOf.get(place.repo);
    return seen?.marksClaims ? markOf(seen, words, place?.path ?? '') : undefined;
  });
  let known = '';
  const look = () => {
    seenOf.clear();
    for (const seen of repositories.seen) seenOf.set(seen.repo, seen);
    places = undefined;
    const key = repositories.seen.map(marksKey).join('\n\n');
    if (key === known) return;
    known = key;
    const files = marks.changed();
    if (files === 'all') changed.fire(undefined);
    else if (files.length > 0) changed.fire(files.map((file) => Uri.parse(file)));
  };
  const provider = window.registerFileDecorationProvider({
    onDidChangeFileDecorations: changed.event,
    provideFileDecoration(uri) {
      if (uri.scheme !== 'file') return undefined;
      const mark = marks.tell(uri.toString());
      return mark && decoration(mark);
    },
  });
  return [changed, provider, repositories.onDidChange(look), repositories.onDidSee(look)];
}

/** Changes with whatever the marks of a repository's files depend on; most of what is seen has nothing to do with them. */
function marksKey(seen: Seen): string {
  const worktrees = seen.overview.tasks.filter(({ worktree }) => worktree !== undefined).length;
  return [seen.repo, seen.marksClaims, worktrees, holdersKey(seen, words)].join('\n');
}

const decoration = ({ badge, color, tooltip }: Mark): FileDecoration =>
  new FileDecoration(badge, tooltip, color === undefined ? undefined : new ThemeColor(color));
