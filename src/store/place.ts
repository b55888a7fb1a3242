import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../base/errors.ts';

/**
 * Kinds of file systems (Linux's numbers for them) on which several processes or machines cannot safely share a SQLite file.
 * FUSE is none of them: it holds local disks and encrypted folders, too.
 */
const shared: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9P (a Windows drive inside WSL, or a shared folder of a virtual machine)'],
  [0x786f4256, 'a VirtualBox shared folder'],
  [0x5346414f, 'AFS'],
  [0x73757245, 'Coda'],
  [0x0bd00bd0, 'Lustre'],
  [0x00c36400, 'Ceph'],
  [0x47504653, 'GPFS'],
]);

/**
 * Why a store at `path` would not be safe, in words; undefined when nothing speaks against it. Looks at the file system that
 * holds its nearest existing folder. Only Linux tells its kind; elsewhere only Windows network paths are known.
 */
export async function storePlaceProblem(path: string): Promise<string | undefined> {
  if (/^(\\\\|\/\/)[^\\/?.]/.test(path)) return `${path} is on a network share; SQLite needs a local disk`;
  if (process.platform !== 'linux') return undefined;
  const type = await kindOf(path);
  const name = shared.get(type >>> 0);
  return name === undefined ? undefined : `${path} is on ${name}; SQLite needs a local disk`;
}

/** Throws `store_place` where a store at `path` would not be safe. */
export async function refuseUnsafePlace(path: string): Promise<void> {
  const problem = await storePlaceProblem(path);
  if (problem === undefined) return;
  throw new AppError('store_place', problem, {
    hint: 'Move the repository to a local disk, or name a file on one with --store or $SWARM_STORE.',
  });
}

/** Of the nearest folder that can be asked; what else is wrong with the place is told when the store is opened. */
async function kindOf(path: string): Promise<number> {
  try {
    return (await statfs(path)).type;
  } catch {
    const parent = dirname(path);
    return parent === path ? 0 : kindOf(parent);
  }
}
