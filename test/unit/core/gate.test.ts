import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideTool, type GateRules, type ToolCall } from '../../../src/core/model/gate.ts';

const worktree = '/home/ada/repo.worktrees/task 1';
/** What is a link where: as the file system would resolve it. */
const links: Readonly<Record<string, string>> = { [`${worktree}/link`]: '/etc' };
const resolve = (path: string): string => {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  const plain = `/${parts.join('/')}`;
  const link = Object.keys(links).find((from) => plain === from || plain.startsWith(`${from}/`));
  return link === undefined ? plain : (links[link] ?? '') + plain.slice(link.length);
};
const rules: GateRules = { editsGranted: true, worktree, addDirs: ['/home/ada/notes'], check: 'npm test', resolve };
const decide = (call: Partial<ToolCall>, other: Partial<GateRules> = {}) =>
  decideTool({ tool: 'Bash', input: {}, folder: worktree, mode: 'default', ...call }, { ...rules, ...other }).decision;
const edit = (path: string, call: Partial<ToolCall> = {}, other: Partial<GateRules> = {}) =>
  decide({ tool: 'Write', input: { file_path: path }, ...call }, other);
const run = (command: string, call: Partial<ToolCall> = {}, other: Partial<GateRules> = {}) =>
  decide({ input: { command }, ...call }, other);

describe('edits', () => {
  test.each([
    ['inside the worktree', `${worktree}/src/a.ts`, 'allow'],
    ['named relative to the folder of the session', 'src/a.ts', 'allow'],
    ['inside an added folder', '/home/ada/notes/todo.md', 'allow'],
    ['in a file whose name only begins like git’s', `${worktree}/.gitignore`, 'allow'],
    ['in the instructions for Claude', `${worktree}/CLAUDE.md`, 'allow'],
    ['in a workflow, which runs only after a push', `${worktree}/.github/workflows/ci.yml`, 'allow'],
    ['in the main worktree', '/home/ada/repo/a.ts', 'deny'],
    ['in a folder whose name begins alike', `${worktree}2/a.ts`, 'deny'],
    ['above the worktree', `${worktree}/../a.ts`, 'deny'],
    ['through a link that leads out', `${worktree}/link/passwd`, 'deny'],
    ['in git’s own file', `${worktree}/.git`, 'deny'],
    ['in git’s own folder', `${worktree}/sub/.git/hooks/pre-commit`, 'deny'],
    ['in git’s folder written large', `${worktree}/.GIT/config`, 'deny'],
    ['in git’s folder as Windows sees it', `${worktree}/.git. /config`, 'deny'],
    ['in git’s folder by its stream', `${worktree}/.git::$INDEX_ALLOCATION/config`, 'deny'],
    ['in git’s folder by its short name', `${worktree}/GIT~1/config`, 'deny'],
    ['in git’s folder with an invisible character', `${worktree}/.g\u200cit/config`, 'deny'],
    ['in the settings of Claude Code', `${worktree}/.claude/settings.local.json`, 'deny'],
    ['in hooks of Claude Code', `${worktree}/.claude/hooks/a.sh`, 'deny'],
    ['in other things of Claude Code', `${worktree}/.claude/agents/a.md`, 'none'],
    ['in tasks of the editor', `${worktree}/.vscode/tasks.json`, 'none'],
    ['in hooks of husky', `${worktree}/.husky/pre-commit`, 'none'],
    ['in the list of servers', `${worktree}/.mcp.json`, 'none'],
    ['in a workspace file', `${worktree}/a.code-workspace`, 'none'],
  ])('%s', (_, path, decision) => {
    expect(edit(path)).toBe(decision);
  });

  test('are decided alike for every tool that writes', () => {
    const notebook = { input: { notebook_path: `${worktree}/a.ipynb` } };
    const tools = ['Edit', 'MultiEdit', 'Write'].map((tool) => edit(`${worktree}/a`, { tool }));
    expect([...tools, decide({ tool: 'NotebookEdit', ...notebook })]).toEqual(['allow', 'allow', 'allow', 'allow']);
  });

  test('are denied, wherever they are, while the worker does not hold the task', () => {
    const modes = ['default', 'acceptEdits', 'bypassPermissions'];
    expect(modes.map((mode) => edit(`${worktree}/a`, { mode }, { editsGranted: false }))).toEqual(
      modes.map(() => 'deny'),
    );
  });

  test('are left to Claude Code while it plans, and where the person lets everything through', () => {
    expect([edit(`${worktree}/a`, { mode: 'plan' }), edit('/etc/passwd', { mode: 'bypassPermissions' })]).toEqual([
      'none',
      'none',
    ]);
  });

  test('name the file to claim, wherever it is Claude Code or the person who decides', () => {
    const file = (path: string, call: Partial<ToolCall> = {}) =>
      decideTool({ tool: 'Write', input: { file_path: path }, folder: worktree, mode: 'default', ...call }, rules).file;
    expect([
      file(`${worktree}/src/a.ts`),
      file('src/./b/../a.ts'),
      file(`${worktree}/.vscode/tasks.json`),
      file(`${worktree}/a`, { mode: 'bypassPermissions' }),
      file(`${worktree}/a`, { mode: 'plan' }),
      file('/home/ada/notes/todo.md'),
      file('/etc/passwd', { mode: 'bypassPermissions' }),
      file(`${worktree}/.git/config`, { mode: 'plan' }),
    ]).toEqual(['src/a.ts', 'src/a.ts', '.vscode/tasks.json', 'a', 'a', undefined, undefined, undefined]);
  });

  test('without a path are not granted', () => {
    expect([decide({ tool: 'Write', input: {} }), decide({ tool: 'Write', input: { file_path: 7 } })]).toEqual([
      'none',
      'none',
    ]);
  });

  test('are granted nowhere but inside the folders of the session', () => {
    const part = fc.constantFrom('..', '.', 'src', 'link', '.git', 'a.ts', 'home', 'ada', 'repo.worktrees', 'task 1');
    fc.assert(
      fc.property(fc.boolean(), fc.array(part, { maxLength: 8 }), (absolute, parts) => {
        const path = (absolute ? '/' : '') + parts.join('/');
        if (edit(path) !== 'allow') return true;
        const real = resolve(absolute ? path : `${worktree}/${path}`);
        return real.startsWith(worktree) && !real.split('/').includes('.git');
      }),
    );
  });
});

describe('other tools', () => {
  test('are left to Claude Code', () => {
    const tools = ['Read', 'WebFetch', 'AskUserQuestion', 'ExitPlanMode', 'Task', 'mcp__x__y', 'toString'];
    expect(tools.map((tool) => decide({ tool }))).toEqual(tools.map(() => 'none'));
  });
});

describe('the check', () => {
  test.each([
    ['npm test'],
    ['  npm test '],
    ['npm test 2>&1'],
    ['npm test 2>&1 | tail -n 30'],
    ['npm test | head -20'],
    [`cd "${worktree}" && npm test`],
    [`cd '${worktree}' && npm test 2>&1 | tail -5`],
  ])('%s', (command) => {
    expect(run(command)).toBe('allow');
  });

  test.each([
    ['npm test -- --updateSnapshot'],
    ['npm test; id'],
    ['npm test 2>&1 | tee log'],
    ['npm test | tail -5 /etc/passwd'],
    [`cd ${worktree} && npm test`],
    ['cd / && npm test'],
    ['npm tests'],
    ['X=1 npm test'],
  ])('is not: %s', (command) => {
    expect(run(command)).toBe('none');
  });

  test('may be any line of the shell, word for word, and a worktree that the shell would read differently is not entered', () => {
    const check = 'a && b | c > d; e $F "$(g)"';
    const odd = '/home/ada/$(id)';
    expect([
      run(check, {}, { check }),
      run(`cd "${odd}" && npm test`, { folder: odd }, { worktree: odd }),
      run('', {}, { check: ' ' }),
      run('', {}, { check: undefined }),
    ]).toEqual(['allow', 'none', 'none', 'none']);
  });
});

describe('git', () => {
  test.each([
    ['git status'],
    ['git status --short --branch'],
    ['git --no-pager diff --stat'],
    ['git diff main..HEAD -- src/*.ts'],
    ['git diff HEAD~1 HEAD^ "src/a b.ts"'],
    ['git log --oneline -5'],
    ['git log -n 5 --format="%h %s" --grep=fix'],
    ['git log -S"needle" -p -- .'],
    ['git show HEAD:src/a.ts'],
    ['git add -A'],
    ['git add . && git commit -m "Say it\'s done"'],
    ["git commit -am 'A line\n\nAnother; with `ticks` and $HOME'"],
    ['git commit --no-edit'],
    [`git commit -m "$(cat <<'EOF'\nAdd (all) of \`it\` $(id)\n\nIt's "it".\nEOF\n)"`],
    [`git add a && git commit -q -m "$(cat <<'MSG'\n1) a list\nMSG\n)" && git log -1`],
    ['git mv a.ts src/b.ts'],
    ['git rm --cached -r "a b"'],
    ['git restore --staged --source HEAD~2 src'],
    ['git restore -s HEAD a.ts'],
    ['git blame -L 1,10 a.ts'],
    [`git add ${worktree.replace(' ', '\\ ')}/a.ts`],
    [`cd "${worktree}" && git add -A && git commit -m x`],
    [`cd '${worktree}' && git status`],
  ])('may: %s', (command) => {
    expect(run(command)).toBe('allow');
  });

  test.each([
    // other verbs
    ['git push'],
    ['git push origin HEAD'],
    ['git config core.hooksPath x'],
    ['git stash'],
    ['git worktree list'],
    ['git checkout main'],
    ['git reset --hard'],
    ['git toString'],
    ['git __proto__'],
    ['git'],
    // options of git itself
    ['git -c core.pager=id log'],
    ['git -C /home/ada/repo status'],
    ['git --git-dir=/x status'],
    ['git --git-dir /x --work-tree / add .'],
    ['git --exec-path=/x status'],
    ['git -p log'],
    ['git --paginate log'],
    // options that write, read or run elsewhere, also abbreviated or behind others
    ['git diff --output=x'],
    ['git diff --outp=x'],
    ['git diff --output x'],
    ['git log --output=x'],
    ['git show --stat --output=../x'],
    ['git diff --ext-diff'],
    ['git log --textconv'],
    ['git diff --no-index /etc/passwd /dev/null'],
    ['git diff /etc/passwd a'],
    ['git diff -O/etc/passwd'],
    ['git blame --contents /etc/passwd a'],
    ['git add --pathspec-from-file=/etc/passwd'],
    ['git add -e'],
    ['git add -p'],
    ['git add -i'],
    ['git add -f .env'],
    ['git log --show-signature'],
    ['git diff --exec=id'],
    // commits that skip hooks, rewrite, sign, or need an editor
    ['git commit'],
    ['git commit -a'],
    ['git commit --no-verify -m x'],
    ['git commit -n -m x'],
    ['git commit -nm x'],
    ['git commit -anm x'],
    ['git commit --amend --no-edit'],
    ['git commit --amen -m x'],
    ['git commit -F /etc/passwd'],
    ['git commit -m x -t /etc/passwd'],
    ['git commit -S -m x'],
    ['git commit -m'],
    ['git commit --fixup=HEAD'],
    // paths that leave, also through a link
    ['git add ../x'],
    ['git add src/../../x'],
    ['git add ..'],
    ['git mv a.ts ../b.ts'],
    ['git mv a.ts /tmp/b.ts'],
    ['git mv a.ts link/b.ts'],
    // what an edit is not granted for
    ['git mv -f a.ts .husky/pre-commit'],
    ['git mv a.ts .claude/settings.json'],
    ['git mv a.ts .vscode/tasks.json'],
    ['git restore --source HEAD~3 .mcp.json'],
    ['git mv a.ts lin*/b.ts'],
    ['git mv -- a.ts li[n]k/b.ts'],
    ['git add ~/x'],
    ['git rm -r /home/ada/repo'],
    // names that may turn out to be options
    ['git diff *'],
    ['git diff ?-output=x'],
    ['git diff */*/*'],
    ['git diff {--output=x,a}'],
    ['git log --grep *'],
    ['git diff "--output=x"'],
    ["git diff '--output='x"],
    ['git diff \\--output=x'],
    // other programs
    ['id'],
    ['"git status"'],
    ['git status && id'],
    ['git status & id'],
    ['git status; id'],
    ['git status || id'],
    ['git status | sh'],
    ['git status\nid'],
    ['git status\r\nid'],
    ['git status > x'],
    ['git status >> x'],
    ['git status < x'],
    ['git status 2>&1'],
    ['git log $(id)'],
    ['git log `id`'],
    ['git log "$(id)"'],
    ['git log "`id`"'],
    ['git log $HOME'],
    ['git log "$HOME"'],
    ["git log $'a'"],
    ['git log <(id)'],
    ['(git status)'],
    ['{ git status; }'],
    ['! git status'],
    ['git status # and more'],
    ['GIT_DIR=/x git status'],
    ['env git status'],
    ['command git status'],
    ['/usr/bin/git status'],
    ['git =id'],
    ['=git status'],
    ['git sta*'],
    ['git status &&'],
    ['&& git status'],
    ['git status && && git status'],
    ['git log "unfinished'],
    ["git log 'unfinished"],
    ['git log \\'],
    ['git log a\\\nb'],
    ['git log "a\\\nb"'],
    ['git log \0'],
    ['git log \u001b[0m'],
    [''],
    [' '],
    // messages that are not plain
    ['git commit -m "$(cat <<EOF\n$(id)\nEOF\n)"'],
    [`git commit -m "$(cat <<'EOF'\nx\nEOF\nid)"`],
    [`git commit -m "$(cat <<'EOF'\nx\nEOF\n)"; id`],
    [`git commit -m "$(cat <<'EOF'\nx\nEOF\n)$(id)"`],
    [`git commit -m "$(cat <<'EOF' > y\nx\nEOF\n)"`],
    [`git commit -m "$(cat <<'EOF'\nx) \`id\`\nEOF\n)"`],
    [`git commit -m "$(cat <<'EOF'\nx\n EOF\n)"`],
    [`git commit -m $(cat <<'EOF'\nx\nEOF\n)`],
    // folders
    ['cd / && git status'],
    ['cd link && git add -A'],
    ['cd .. && git status'],
    [`cd ${worktree}`],
    [`cd "${worktree}"`],
    [`cd "${worktree}" && id`],
    [`git add a && cd "${worktree}" && git status`],
    [`cd "${worktree}" x && git status`],
  ])('is not granted: %j', (command) => {
    expect(run(command)).toBe('none');
  });

  test('is not granted in another folder, without the sandbox, while edits are not granted, or when not asked for', () => {
    const status = { command: 'git add -A' };
    expect([
      decide({ input: status, folder: '/home/ada/repo' }),
      decide({ input: status, folder: `${worktree}/../../repo` }),
      decide({ input: { ...status, dangerouslyDisableSandbox: true } }),
      decide({ input: status }, { editsGranted: false }),
      decide({ input: status, mode: 'plan' }),
      decide({ input: { command: ['git', 'status'] } }),
      decide({ input: {} }),
    ]).toEqual(['none', 'none', 'none', 'none', 'none', 'none', 'none']);
  });

  test('is granted in a folder below, whose paths start there', () => {
    const below = { folder: `${worktree}/src` };
    expect([run('git add a.ts', below), run('git add ../a.ts', below), run('git add link/x', below)]).toEqual([
      'allow',
      'none',
      'allow',
    ]);
  });
});

describe('words to the other sessions', () => {
  test.each([
    ['swarm sync'],
    ['swarm claim src/a.ts "my folder/" \'src/**\''],
    ['swarm message t1 "May I? It is $5 && urgent"'.replace('$', '')],
    [`swarm message t1 "$(cat <<'EOF'\nTwo lines; > \`a\`\n  $HOME\nEOF\n)"`],
    ['swarm claims --json'],
    ['swarm unclaim a.txt && swarm claim b.txt && git status'],
    [`cd "${worktree}" && swarm push`],
    ['swarm context add decision "tabs"'],
    ['swarm update --status working --note "half"'],
    ['swarm commit "Add it"'],
  ])('%s', (command) => {
    expect(run(command)).toBe('allow');
  });

  test.each([
    ['swarm merge t1'],
    ['swarm review approve t1'],
    ['swarm'],
    ['swarm --json sync'],
    ['./swarm sync'],
    ['/usr/bin/swarm sync'],
    ['SWARM'],
    ['swarm sync > stolen.txt'],
    ['swarm sync; id'],
    ['swarm message t1 "$(id)"'],
    ['swarm message t1 $SWARM_TOKEN'],
    ['swarm sync | sh'],
    ['swarm sync &'],
    ['swarm claim *'],
    ['swarm sync --store /elsewhere.db'],
    ['swarm sync --store=/elsewhere.db'],
    ['swarm sync --worker w1'],
    ['swarm sync -C /elsewhere'],
    ['swarm sync && swarm merge t1'],
    ['env swarm sync'],
  ])('not %s', (command) => {
    expect(run(command)).toBe('none');
  });

  test('are not said for a session that has lost its task', () => {
    expect(run('swarm sync', {}, { editsGranted: false })).toBe('none');
  });
});
