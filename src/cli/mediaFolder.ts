import { fileURLToPath } from 'node:url';

/** A file or folder that is shipped with the program, by its place in `media`. */
export const mediaPath = (name: string): string => fileURLToPath(new URL(`../../media/${name}`, import.meta.url));
