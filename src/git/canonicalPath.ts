import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** `path` made absolute, with the symbolic links of its existing part resolved: as git records it. */
export async function canonicalPath(path: string): Promise<string> {
  const absolute = resolve(path);
  return realpath(absolute).catch(async () => {
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(await canonicalPath(parent), basename(absolute));
  });
}
