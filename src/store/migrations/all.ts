import { first } from './20261121T1200-first.ts';
import { team } from './20261121T1800-team.ts';
import type { Migration } from './migration.ts';

/** Every migration this version knows, in the order to apply. */
export const migrations: readonly Migration[] = [first, team];
