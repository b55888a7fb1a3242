/** VS Code's own translation of a text with `{0}` places, given from outside so that view models need no VS Code. */
type Translate = (message: string, ...values: (string | number)[]) => string;

/** How this window speaks: its language, its clock. */
export interface Words {
  readonly t: Translate;
  /** A moment as people write it: the time today, with the date otherwise. */
  time(at: number): string;
  /** Dollars with cents. */
  money(usd: number): string;
  /** A large number with its groups. */
  count(value: number): string;
}
