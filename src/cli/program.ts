import { readFile } from 'node:fs/promises';
import { Command, CommanderError } from 'commander';
import { UsageError } from '../base/errors.ts';
import { tellError } from './errors.ts';
import type { ExitCode } from './exitCodes.ts';
import { exitCodes } from './exitCodes.ts';
import type { GlobalOptions, Run } from './invocation.ts';
import { invocationOf } from './invocation.ts';
import { openOutput } from './output.ts';
import type { Define } from './registry.ts';
import { commands } from './registry.ts';

/** Reads the command line, runs what it asks for and returns how the process ends. Failures are told on stderr. */
export async function runProgram(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<ExitCode> {
  const output = openOutput(wantsJson(argv), env);
  let answer: ExitCode = exitCodes.done;
  const program = new Command('swarm')
    .description('Runs many Claude Code sessions in parallel on one code base and brings their work home.')
    .version(await version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('-C <dir>', 'start in this folder, as with git', (dir: string, all: readonly string[]) => [...all, dir], [])
    .option('--json', 'print one JSON document and nothing else')
    .option('--store <file>', 'the store to use instead of the repository’s own (also $SWARM_STORE)')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({ writeOut: (text) => output.verbatim(text), writeErr: () => {}, outputError: () => {} })
    .exitOverride();
  const on =
    <Args extends readonly unknown[]>(run: Run<Args>) =>
    async (...given: unknown[]) => {
      // Commander hands over the arguments, the command's options and the command itself.
      const args = given.slice(0, -1) as unknown as Args;
      answer = await run(invocationOf(program.opts<GlobalOptions>(), output, env), ...args);
    };
  try {
    const wanted = await wantedCommands(argv);
    for (const [name, { summary, hidden }] of Object.entries(commands)) {
      const command = program
        .command(name, { hidden: hidden === true })
        .summary(summary)
        .description(sentence(summary));
      wanted.get(name)?.(command, on);
    }
    await program.parseAsync([...argv], { from: 'user' });
    return answer;
  } catch (error) {
    if (!(error instanceof CommanderError)) return tellError(error, output);
    if (error.exitCode === 0) return exitCodes.done;
    const name = Object.keys(commands).find((command) => argv.includes(command));
    if (name !== undefined || error.code !== 'commander.help') return tellError(usageError(error, name), output);
    program.outputHelp();
    return exitCodes.done;
  }
}

/** Loads the commands that the line names; the others are only listed. */
async function wantedCommands(argv: readonly string[]): Promise<ReadonlyMap<string, Define>> {
  const named = Object.entries(commands).filter(([name]) => argv.includes(name));
  return new Map(await Promise.all(named.map(async ([name, { load }]) => [name, await load()] as const)));
}

/** Before the line is read: an error in it is to be told as JSON, too. */
const wantsJson = (argv: readonly string[]): boolean => {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? undefined : end).includes('--json');
};

function usageError(error: CommanderError, name: string | undefined): UsageError {
  const help = `See \`swarm ${name === undefined ? '' : `${name} `}--help\`.`;
  if (error.code === 'commander.help') return new UsageError(`swarm ${name} needs to know what to do`, { hint: help });
  const dash = error.code === 'commander.unknownOption' ? ' A prompt that begins with a hyphen goes after `--`.' : '';
  return new UsageError(error.message.replace(/^error: /, ''), { hint: `${help}${dash}` });
}

const sentence = (summary: string): string => `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;

async function version(): Promise<string> {
  const manifest = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
