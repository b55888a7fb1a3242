import { InvalidArgumentError, Option } from 'commander';
import { settings } from '../core/settings.ts';

/** An argument that is a whole number within bounds. */
export function wholeNumber(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${minimum} to ${maximum}.`);
  };
}

/** `--dry-run`, with what it leaves undone. */
export const dryRunOption = (what: string): Option =>
  new Option('--dry-run', `say what would be ${what}, and do nothing`);

/** `--workers N`, within the bounds of the setting. */
export const workersOption = (text: string): Option =>
  new Option('--workers <n>', text).argParser(
    wholeNumber(settings['workers.max'].minimum, settings['workers.max'].maximum),
  );

/** `--until` for those who wait for tasks. */
export const untilOption = (): Option =>
  new Option('--until <state>', 'what to wait for: `done` is in review or ended, `merged` is landed or ended')
    .choices(['done', 'merged'])
    .default('done');

/** Values separated by commas. */
export const commaList = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
