import type { Check } from '../checkup.ts';
import { checkup } from '../checkup.ts';
import type { Style } from '../columns.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Invocation } from '../invocation.ts';
import type { Define } from '../registry.ts';

/** `swarm doctor`. */
export const defineDoctor: Define = (command, on) => {
  command.action(on(doctor));
};

const looks: Readonly<Record<Check['state'], Style>> = { ok: 'green', warning: 'yellow', broken: 'red' };

async function doctor(invocation: Invocation): Promise<ExitCode> {
  const { output } = invocation;
  const checks = await checkup(invocation);
  const nameWidth = Math.max(...checks.map(({ name }) => name.length));
  if (output.json) output.document({ checks });
  for (const { name, state, text, fix } of output.json ? [] : checks) {
    output.line({ text: state.padEnd(9), style: looks[state] }, `${name.padEnd(nameWidth)}  ${text}`);
    if (fix !== null) output.line(`${' '.repeat(9 + nameWidth)}  `, { text: fix, style: 'cyan' });
  }
  return checks.some(({ state }) => state === 'broken') ? exitCodes.refused : exitCodes.done;
}
