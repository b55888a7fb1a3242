import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { desk } from '../../support/commandLine.ts';
import { filesOf, said } from '../../support/untouched.ts';

const lists: readonly (readonly [string, name: string, content: string | Uint8Array, message: readonly unknown[]])[] = [
  [
    'an unknown field',
    'list.yaml',
    '- promt: x\n',
    [
      'swarm: task 1 has an unknown field `promt`',
      'Known: prompt, title, name, base, target, branch, after, addDirs, allowedCommands, allowedTools, disallowedTools, paths, forbidden, model, permissionMode.',
    ],
  ],
  [
    'no YAML',
    'list.yaml',
    'tasks: [\n',
    [expect.stringMatching(/^swarm: …\/list\.yaml: Flow sequence .* at line 2, column 1:$/), '  tasks: [', '  ^'],
  ],
  [
    'tasks that wait for each other',
    'list.yaml',
    '- { name: a, prompt: first, after: [b] }\n- { name: b, prompt: second, after: [a] }\n',
    ['swarm: these tasks wait for each other: “first” → “second” → “first”'],
  ],
  [
    'two tasks of one name',
    'list.yaml',
    '- { name: a, prompt: x }\n- { name: a, prompt: y }\n',
    ['swarm: two tasks are named “a”'],
  ],
  [
    'a task after nobody',
    'list.yaml',
    '- { prompt: x, after: [nobody] }\n',
    ['swarm: task 1: there is no task “nobody” to come after'],
  ],
  [
    'two tasks on one branch',
    'list.yaml',
    '- { prompt: x, branch: b }\n- { prompt: y, branch: b }\n',
    [
      'swarm: “x” and “y” would both work on the branch b',
      'Give each its own; the setting `branches.template` should hold `{id}`.',
    ],
  ],
  [
    'a character that no program takes',
    'list.json',
    '["a\\u0000b"]',
    ['swarm: task 1: the prompt holds a NUL character'],
  ],
  ['a NUL among lines', 'list.txt', 'first\nsec\0ond\n', ['swarm: task 2: the prompt holds a NUL character']],
  ['an empty prompt', 'list.yaml', '- x\n- " "\n', ['swarm: task 2 has an empty prompt']],
  [
    'a prompt that is a book',
    'list.json',
    JSON.stringify(['x'.repeat(1_000_001)]),
    [
      'swarm: task 1: the prompt has 1000001 characters, more than 1000000',
      'Put the text into a file of the repository and name the file in the prompt.',
    ],
  ],
  [
    'text in another encoding',
    'list.txt',
    Buffer.from('für', 'latin1'),
    ['swarm: …/list.txt is not text in UTF-8', 'Save it as UTF-8 and try again.'],
  ],
  [
    'nothing',
    'list.txt',
    '\n\n',
    ['swarm: there is nothing to do: no prompt was given', 'Say in a sentence what is to be done.'],
  ],
];

test.each(lists)('a list with %s is refused as a whole, and nothing changes', async (_, name, content, message) => {
  await using place = await desk();
  await writeFile(place.repo.beside(name), content);
  const before = await filesOf(place);
  const answers = [
    await place.swarm(['run', '--file', place.repo.beside(name)]),
    await place.swarm(['task', 'add', 'good', '--file', place.repo.beside(name)]),
  ];
  const [ran, added] = answers.map(({ code, stdout, stderr }) => [code, stdout, said(place, stderr)]);
  expect([ran, await filesOf(place), (await place.json(['task', 'list'])).json]).toEqual([
    [2, '', message],
    before,
    { tasks: name === 'list.txt' && content === '\n\n' ? [expect.objectContaining({ title: 'good' })] : [] },
  ]);
  expect(added?.[0]).toBe(content === '\n\n' ? 0 : 2);
});

test.each([
  ['that is not there', 'nowhere.yaml', 'ENOENT: no such file or directory'],
  ['that is a folder', 'folder.yaml', 'EISDIR: illegal operation on a directory'],
])('a list %s is said, with why', async (_, name, why) => {
  await using place = await desk();
  await mkdir(place.repo.beside('folder.yaml'));
  const { code, stderr } = await place.swarm(['run', '--file', place.repo.beside(name)]);
  expect([code, said(place, stderr)]).toEqual([
    2,
    [
      `swarm: …/${name} cannot be read`,
      expect.stringContaining(why),
      'Check the name, and that you may read the file.',
    ],
  ]);
});

const settings: readonly (readonly [string, text: string, message: string])[] = [
  ['a number out of bounds', '# ours\nworkers:\n  max: 0\n', '3: workers.max must be a whole number from 1 to 64'],
  ['a text for a number', 'workers.max: many\n', '1: workers.max must be a whole number from 1 to 64'],
  ['an unknown setting', 'workers:\n  max: 3\n  happy: true\n', '3: there is no setting “workers.happy”'],
  ['a value twice', 'workers.max: 3\nworkers:\n  max: 4\n', '3: workers.max is set twice'],
  ['a value where settings are expected', 'tasks: 3\n', '1: a map of settings is expected'],
  ['a list', '- a\n', ' a map of settings is expected'],
  ['a tab', '\tworkers: 3\n', ' Tabs are not allowed as indentation at line 1, column 1:'],
];

test.each(settings)(
  'settings with %s are refused with file and line, and nothing is queued',
  async (_, text, message) => {
    await using place = await desk();
    await writeFile(join(place.repo.path, 'swarm.yaml'), text);
    await mkdir(join(place.home, 'swarm'), { recursive: true });
    const before = await filesOf(place);
    const inRepository = await place.swarm(['run', 'Write tea.txt']);
    expect([inRepository.code, said(place, inRepository.stderr)[0], await filesOf(place)]).toEqual([
      2,
      `swarm: …/my répo/swarm.yaml:${message}`,
      before,
    ]);
    await writeFile(join(place.repo.path, 'swarm.yaml'), '');
    await writeFile(join(place.home, 'swarm', 'config.yaml'), text);
    const ofPerson = await place.swarm(['task', 'add', 'Write tea.txt']);
    expect([ofPerson.code, said(place, ofPerson.stderr)[0]]).toEqual([
      2,
      `swarm: …/my home/swarm/config.yaml:${message}`,
    ]);
    await writeFile(join(place.home, 'swarm', 'config.yaml'), '');
    expect((await place.json(['task', 'list'])).json).toEqual({ tasks: [] });
  },
);

test.each([
  [
    'no number',
    ['--workers', 'many'],
    "option '--workers <n>' argument 'many' is invalid. It must be a whole number from 1 to 64.",
  ],
  [
    'a fraction',
    ['--workers', '1.5'],
    "option '--workers <n>' argument '1.5' is invalid. It must be a whole number from 1 to 64.",
  ],
  [
    'a number with an exponent',
    ['--workers', '1e1'],
    "option '--workers <n>' argument '1e1' is invalid. It must be a whole number from 1 to 64.",
  ],
  ['nothing at all', ['--workers'], "option '--workers <n>' argument missing"],
  [
    'a permission that is none',
    ['--permission-mode', 'yolo'],
    "option '--permission-mode <mode>' argument 'yolo' is invalid. Allowed choices are default, acceptEdits, plan, dontAsk, bypassPermissions.",
  ],
  ['a flag that is none', ['--yolo'], "unknown option '--yolo'"],
])('%s on the command line is refused with a pointer to the help, and nothing changes', async (_, args, message) => {
  await using place = await desk();
  const before = await filesOf(place);
  const { code, stderr } = await place.swarm(['run', 'x', ...args]);
  expect([code, said(place, stderr)[0], said(place, stderr).at(-1), await filesOf(place)]).toEqual([
    2,
    `swarm: ${message}`,
    expect.stringMatching(/^See `swarm run --help`\./),
    before,
  ]);
});
