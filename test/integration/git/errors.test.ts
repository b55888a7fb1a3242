import { expect, test } from 'vitest';
import { cleaned, gitError, saysFastForward, withFileErrors } from '../../../src/git/errors.ts';

const lines = [
  ['Error: spawn git ENOENT', 'git_missing'],
  ['fatal: write error: No space left on device', 'disk_full'],
  [
    "fatal: Unable to create '/r x/.git/index.lock': File exists.\n\nAnother git process seems to be running",
    'git_locked',
  ],
  ['error: could not lock config file: Permission denied', 'not_writable'],
  ["fatal: could not create work tree dir 'x': Read-only file system", 'not_writable'],
  ['error: insufficient permission for adding an object to repository database .git/objects', 'not_writable'],
  ["fatal: detected dubious ownership in repository at '/r x'", 'dubious_ownership'],
  ['fatal: not a git repository (or any of the parent directories): .git', 'not_a_repository'],
  ['fatal: this operation must be run in a work tree', 'bare_repository'],
  ["fatal: update_ref failed for ref 'refs/x': cannot lock ref 'refs/x': reference already exists", 'ref_exists'],
  ["fatal: cannot lock ref 'refs/heads/main': is at aaaa but expected bbbb", 'ref_moved'],
  ["fatal: cannot lock ref 'refs/heads/main': unable to resolve reference 'refs/heads/main'", 'ref_moved'],
  ["fatal: 'a b' is not a valid branch name", 'bad_branch_name'],
  [
    "fatal: update_ref failed for ref 'refs/heads/..': refusing to update ref with bad name 'refs/heads/..'",
    'bad_branch_name',
  ],
  ["fatal: a branch named 'x' already exists", 'branch_exists'],
  [
    "fatal: cannot lock ref 'refs/heads/a/b': 'refs/heads/a' exists; cannot create 'refs/heads/a/b'",
    'branch_in_the_way',
  ],
  ["fatal: cannot lock ref 'refs/heads/a/b': unable to create directory for .git/refs/heads/a/b", 'not_writable'],
  ["fatal: 'x' is already checked out at '/w x'", 'branch_checked_out'],
  ["fatal: 'x' is already used by worktree at '/w x'", 'branch_checked_out'],
  ["fatal: '/w x' already exists", 'path_exists'],
  ['error: Your local changes to the following files would be overwritten by merge:\n\ta.txt', 'would_overwrite'],
  ['error: The following untracked working tree files would be overwritten by merge:\n\ta.txt', 'would_overwrite'],
  ["error: Entry 'a.txt' not uptodate. Cannot merge.", 'would_overwrite'],
  ['fatal: failed to read .git/worktrees/task 1/commondir: Success', 'worktree_busy'],
  ["fatal: '/w x' is a missing but already registered worktree;\nuse 'add -f' to override", 'path_exists'],
  ['fatal: Not possible to fast-forward, aborting.', 'not_a_fast_forward'],
  ['error: open("a"): No such file or directory\nfatal: Unable to process path a', 'file_vanished'],
  ['error: short read while indexing a', 'file_vanished'],
  ['fatal: refusing to merge unrelated histories', 'unrelated_histories'],
  ['fatal: You have not concluded your merge (MERGE_HEAD exists).', 'merge_unfinished'],
  ['error: Merging is not possible because you have unmerged files.', 'merge_unfinished'],
  ['error: object file .git/objects/aa/bb is empty', 'repository_damaged'],
  ['error: loose object aabb (stored in .git/objects/aa/bb) is corrupt', 'repository_damaged'],
  ['fatal: bad object aabb', 'repository_damaged'],
  ['fatal: Not a valid object name x', 'unknown_commit'],
  ["fatal: ambiguous argument 'x': unknown revision or path not in the working tree.", 'unknown_commit'],
  ['fatal: invalid reference: x', 'unknown_commit'],
  ['fatal: Needed a single revision', 'unknown_commit'],
  ['merge: x - not something we can merge', 'unknown_commit'],
  ["fatal: sha1 file '/r x/.git/index.lock' write error. Out of diskspace", 'disk_full'],
  ['error: unable to write file a b.txt', 'disk_full'],
  ['fatal: unable to write new index file', 'disk_full'],
  ['fatal: something never heard of', 'git_failed'],
] as const;

test.each(lines)('git saying “%s” is %s', (line, code) => {
  expect(gitError('merge', line).code).toBe(code);
});

test.each([
  ['ENOSPC', 'disk_full'],
  ['EDQUOT', 'disk_full'],
  ['EACCES', 'not_writable'],
  ['EPERM', 'not_writable'],
  ['EROFS', 'not_writable'],
  ['ENOENT', 'ENOENT'],
])('a file operation that fails with %s is %s', async (code, told) => {
  const failing = withFileErrors(() => Promise.reject(Object.assign(new Error('x'), { code })));
  await expect(failing).rejects.toMatchObject({ code: told });
});

test('a lock in the way is named', () => {
  expect(gitError('add', "fatal: Unable to create '/r x/.git/index.lock': File exists.").lock).toBe(
    '/r x/.git/index.lock',
  );
});

test('prefixes and advice are left out of what a person reads', () => {
  const said =
    'Updating 1234abc..5678def\nerror: Your local changes to the following files would be overwritten by merge:\n\ta b.txt\nPlease commit your changes or stash them before you merge.\nAborting\n';
  expect(cleaned(said)).toBe(
    'Your local changes to the following files would be overwritten by merge: a b.txt Please commit your changes or stash them before you merge.',
  );
});

test.each([
  ['Updating 1234abc..5678def\nFast-forward\n', true],
  ['Already up to date.\n', false],
])('git merge saying “%s” moved something: %s', (said, moved) => {
  expect(saysFastForward(said)).toBe(moved);
});
