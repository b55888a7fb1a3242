import type { Mark } from './holders.ts';

/** Of more than these VS Code is told that all may have changed, which costs it less. */
const mostNamed = 250;
/** Files whose marks are remembered; beyond that VS Code is asked to ask for all of them again. */
const mostTold = 20_000;

/** What VS Code was told about files, so that it is told anew only of those whose mark has become another. */
export class Marks {
  readonly #markOf: (file: string) => Mark | undefined;
  readonly #told = new Map<string, string>();

  constructor(markOf: (file: string) => Mark | undefined) {
    this.#markOf = markOf;
  }

  /** The mark of a file now, which counts as told. */
  tell(file: string): Mark | undefined {
    const mark = this.#markOf(file);
    this.#told.set(file, keyOfMark(mark));
    return mark;
  }

  /** The files that were told another mark than they have now; `all` when these are too many to name. They count as told. */
  changed(): readonly string[] | 'all' {
    if (this.#told.size > mostTold) return this.#all();
    const changed: string[] = [];
    for (const [file, told] of this.#told) {
      const key = keyOfMark(this.#markOf(file));
      if (key === told) continue;
      changed.push(file);
      this.#told.set(file, key);
      if (changed.length > mostNamed) return this.#all();
    }
    return changed;
  }

  /** VS Code asks again for what it shows. */
  #all(): 'all' {
    this.#told.clear();
    return 'all';
  }
}

const keyOfMark = (mark: Mark | undefined): string =>
  mark === undefined ? '' : [mark.badge, mark.color, mark.tooltip].join('\n');
