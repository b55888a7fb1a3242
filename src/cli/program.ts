import { Command, CommanderError } from 'commander';
import { UsageError } from '../base/errors.ts';
import { tellError } from './errors.ts';
import type { ExitCode } from './exitCodes.ts';
import { exitCodes } from './exitCodes.ts';
import type { GlobalOptions, Run } from './invocation.ts';
import { invocationOf } from './invocation.ts';
import { openOutput } from './output.ts';
import { productVersion } from './productVersion.ts';
import type { On } from './registry.ts';
import { commands } from './registry.ts';

/** Reads the command line, runs what it asks for and returns how the process ends. Failures are told on stderr. */
export async function runProgram(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<ExitCode> {
  const output = openOutput(wantsJson(argv), env);
  const named = Object.keys(commands).filter((name) => argv.includes(name));
  let answer: ExitCode = exitCodes.done;
  const on: On =
    <Args extends readonly unknown[]>(run: Run<Args>) =>
    async (...given: unknown[]) => {
      // Commander hands over the arguments, the command's options and the command itself.
      const args = given.slice(0, -1) as unknown as Args;
      const options = (given.at(-1) as Command).optsWithGlobals<GlobalOptions>();
      answer = await run(invocationOf(options, output, env), ...args);
    };
  try {
    const program = await programOf(named, on, (text) => output.verbatim(text));
    try {
      await program.parseAsync([...argv], { from: 'user' });
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      if (error.exitCode !== 0 && (named.length > 0 || error.code !== 'commander.help'))
        throw usageError(error, named[0]);
      // Without any command the help is what one wants to see.
      if (error.exitCode !== 0) program.outputHelp();
    }
    return answer;
  } catch (error) {
    return tellError(error, output);
  }
}

/** The whole program with all its commands, to be described and not to be run. */
export function describeProgram(): Promise<Command> {
  return programOf(
    Object.keys(commands),
    () => async () => {},
    () => {},
  );
}

/** The program with the commands in `loaded`; the others are only listed. */
async function programOf(loaded: readonly string[], on: On, print: (text: string) => void): Promise<Command> {
  const program = new Command('swarm')
    .description('Runs many Claude Code sessions in parallel on one code base and brings their work home.')
    .version(await productVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('-C <dir>', 'start in this folder, as with git', (dir: string, all: readonly string[] = []) => [
      ...all,
      dir,
    ])
    .option('--json', 'print one JSON document and nothing else')
    .option('--store <file>', 'the store to use instead of the repository’s own (also $SWARM_STORE)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: print, writeErr: () => {}, outputError: () => {} })
    .exitOverride();
  for (const [name, { summary, hidden, load }] of Object.entries(commands)) {
    const command = program
      .command(name, { hidden: hidden === true })
      .summary(summary)
      .description(sentence(summary));
    if (loaded.includes(name)) (await load())(command, on);
  }
  return program;
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
