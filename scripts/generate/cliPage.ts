import type { Command } from 'commander';
import { exitCodes } from '../../src/cli/exitCodes.ts';
import { describeProgram } from '../../src/cli/program.ts';

const meanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: 'done',
  refused: 'the world said no: refused, conflict, a failed task, held by another',
  usage: 'the command line is wrong; nothing was changed',
  notYet: 'not done yet: the time for waiting is over, or only you can move what is left',
  limit: 'a task has used up what it was allowed',
  bug: 'a mistake of Swarm itself',
  stopped: 'you stopped it',
};

/** The page of all commands, as their own help says it. */
export async function cliPage(): Promise<string> {
  const program = await describeProgram();
  const codes = Object.entries(exitCodes).map(
    ([name, code]) => `| ${code} | ${meanings[name as keyof typeof exitCodes]} |`,
  );
  return `<!-- Made from src/cli by \`npm run generate\`. -->
# The command line

Every command takes \`--json\` (one JSON document on stdout and nothing else; \`watch\` and \`log -f\` print one object a line),
\`--help\`, \`-C <dir>\` and \`--store <file>\`. Failures are told on stderr: what failed, why, what to do; with \`--json\` as
\`{"error":{"code","message","hint"}}\`. A task is named by its id, the beginning of it, or a part of its title.

| Exit code | Means |
|---|---|
${codes.join('\n')}

What decides, starts or ends something is for people: it is refused where a worker's session asks for it.

${leaves(program).map(section).join('\n')}`;
}

/** Every command that does something, in the order of the help. */
function leaves(command: Command): readonly Command[] {
  const shown = command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help');
  return shown.length === 0 ? [command] : shown.flatMap(leaves);
}

function section(command: Command): string {
  const help = command.createHelp();
  const names: string[] = [];
  for (let each: Command | null = command; each; each = each.parent) names.unshift(each.name());
  const usage = [...names, help.commandUsage(command).split(' ').slice(names.length).join(' ')].join(' ').trim();
  const items = [
    ...help
      .visibleArguments(command)
      .map((argument) => [help.argumentTerm(argument), help.argumentDescription(argument)]),
    ...help.visibleOptions(command).map((option) => [help.optionTerm(option), help.optionDescription(option)]),
  ].filter(([term]) => !term?.includes('--help'));
  const list = items.map(([term, text]) => `- \`${term}\`: ${text}`).join('\n');
  return `## ${names.join(' ')}\n\n\`${usage}\`: ${command.description()}\n${list === '' ? '' : `\n${list}\n`}`;
}
