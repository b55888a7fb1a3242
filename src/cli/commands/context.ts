import { Argument } from 'commander';
import { AppError } from '../../base/errors.ts';
import { agoText } from '../../core/model/ago.ts';
import type { ContextCategory } from '../../core/model/context.ts';
import { contextCategories } from '../../core/model/context.ts';
import { nameOf } from '../../core/model/party.ts';
import { contextPart } from '../../core/model/telling.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import { readStdin } from '../inputText.ts';
import type { Invocation } from '../invocation.ts';
import type { Define } from '../registry.ts';
import { speak } from '../team/speak.ts';
import { contextView } from '../team/views.ts';
import { speakerOption } from './verb.ts';

interface Named {
  readonly worker?: string;
}

/** `swarm context add|show|set|get|delete|list`. */
export const defineContext: Define = (command, on) => {
  command
    .command('add')
    .description('Share a fact with all sessions.')
    .addArgument(new Argument('<category>', 'what kind of fact').choices(contextCategories))
    .argument('<text...>', 'the fact; `-` reads it from stdin')
    .addOption(speakerOption())
    .action(on(add));
  command
    .command('show')
    .description('Show the facts that sessions share, oldest first.')
    .option('--since-last', 'only what others have added since you last looked')
    .addOption(speakerOption())
    .action(on(show));
  command
    .command('set')
    .description('Set a value that every session is told from its start.')
    .argument('<key>', 'letters, digits and _ . -')
    .argument('<value...>', 'at most 1000 characters; `-` reads it from stdin')
    .addOption(speakerOption())
    .action(on(set));
  command
    .command('get')
    .description('Print a value.')
    .argument('<key>', 'its name')
    .addOption(speakerOption())
    .action(on(get));
  command
    .command('delete')
    .description('Remove a value.')
    .argument('<key>', 'its name')
    .addOption(speakerOption())
    .action(on(remove));
  command.command('list').description('List all values.').addOption(speakerOption()).action(on(list));
};

const textOf = async (words: readonly string[]): Promise<string> =>
  words.length === 1 && words[0] === '-' ? readStdin() : words.join(' ');

async function add(
  invocation: Invocation,
  category: ContextCategory,
  words: readonly string[],
  { worker }: Named,
): Promise<ExitCode> {
  const text = await textOf(words);
  return speak(invocation, worker, async ({ team, output }) => {
    const entry = await team.addContext(category, text);
    if (output.json) output.document({ added: contextView(entry) });
    else output.line(entry.id);
    return exitCodes.done;
  });
}

function show(invocation: Invocation, { worker, sinceLast }: Named & { readonly sinceLast?: true }): Promise<ExitCode> {
  return speak(invocation, worker, async ({ team, output, now }) => {
    const entries = sinceLast ? await team.newContext() : await team.context();
    if (output.json) output.document({ context: entries.map(contextView) });
    else if (entries.length === 0) output.note(sinceLast ? 'nothing new' : 'nothing shared yet');
    else
      for (const entry of entries)
        output.verbatim(`${agoText(entry.at, now())}. ${contextPart(entry, Number.POSITIVE_INFINITY)}\n`);
    return exitCodes.done;
  });
}

async function set(
  invocation: Invocation,
  key: string,
  words: readonly string[],
  { worker }: Named,
): Promise<ExitCode> {
  const value = await textOf(words);
  return speak(invocation, worker, async ({ team, output }) => {
    await team.setValue(key, value);
    if (output.json) output.document({ key, value: value.trim() });
    return exitCodes.done;
  });
}

function get(invocation: Invocation, key: string, { worker }: Named): Promise<ExitCode> {
  return speak(invocation, worker, async ({ team, output }) => {
    const found = (await team.values()).find((each) => each.key === key);
    if (found === undefined)
      throw new AppError('no_value', `there is no value “${key}”`, { hint: '`swarm context list` shows them all.' });
    if (output.json) output.document({ key, value: found.value });
    else output.verbatim(`${found.value}\n`);
    return exitCodes.done;
  });
}

function remove(invocation: Invocation, key: string, { worker }: Named): Promise<ExitCode> {
  return speak(invocation, worker, async ({ team, output }) => {
    await team.setValue(key, undefined);
    if (output.json) output.document({ key, value: null });
    return exitCodes.done;
  });
}

function list(invocation: Invocation, { worker }: Named): Promise<ExitCode> {
  return speak(invocation, worker, async ({ team, output, now }) => {
    const values = await team.values();
    if (output.json) {
      output.document({
        values: values.map(({ key, value, author, at }) => ({ key, value, author: nameOf(author), at })),
      });
    } else if (values.length === 0) output.note('no values');
    else {
      output.table(
        ['KEY', 'VALUE', 'BY'],
        values.map(({ key, value, author, at }) => [key, value, `${nameOf(author)}, ${agoText(at, now())}`]),
        1,
      );
    }
    return exitCodes.done;
  });
}
