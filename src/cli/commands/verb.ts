import { Option } from 'commander';
import { readStdin } from '../inputText.ts';
import type { Invocation } from '../invocation.ts';
import type { Define } from '../registry.ts';
import { speak } from '../team/speak.ts';
import type { Given, Verb } from '../team/verb.ts';

/** `--worker NAME`, for sessions that the person runs by hand. */
export const speakerOption = (): Option =>
  new Option(
    '--worker <name>',
    'who speaks: the worker, or a name of its own for a session that you run by hand (also $SWARM_WORKER)',
  );

/** Makes a command of a verb inside a session. */
export const defineVerb =
  (verb: Verb): Define =>
  (command, on) => {
    command.description(verb.description);
    for (const { name, text } of verb.arguments) command.argument(name, text);
    for (const { flags, text } of Object.values(verb.options)) command.option(flags, text);
    command.addOption(speakerOption()).action(
      on(async (invocation: Invocation, ...given: unknown[]) => {
        const options = given.at(-1) as Given & { readonly worker?: string };
        const words = await withStdin(verb, given.slice(0, -1) as readonly (string | readonly string[] | undefined)[]);
        return speak(invocation, options.worker, (speaking) => verb.run(speaking, words, options));
      }),
    );
  };

/** The arguments one after the other, with a lone `-` replaced where it stands for stdin. */
async function withStdin(verb: Verb, given: readonly (string | readonly string[] | undefined)[]): Promise<string[]> {
  const words: string[] = [];
  for (const [at, argument] of given.entries()) {
    const all = argument === undefined ? [] : [argument].flat();
    const isStdin = verb.arguments[at]?.stdin === true && all.length === 1 && all[0] === '-';
    words.push(...(isStdin ? [await readStdin()] : all));
  }
  return words;
}
