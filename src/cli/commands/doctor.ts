import type { Check } from '../checkup.ts';
import { checkup } from '../checkup.ts';
import type { Cell } from '../columns.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Invocation } from '../invocation.ts';
import type { Define } from '../registry.ts';

/** `swarm doctor`. */
export const defineDoctor: Define = (command, on) => {
  command.action(on(doctor));
};

const marks: Readonly<Record<Check['state'], Cell>> = {
  ok: { text: 'ok', style: 'green' },
  warning: { text: 'warning', style: 'yellow' },
  broken: { text: 'broken', style: 'red' },
};

async function doctor(invocation: Invocation): Promise<ExitCode> {
  const { output } = invocation;
  const checks = await checkup(invocation);
  if (output.json) output.document({ checks });
  else {
    output.table(
      ['STATE', 'WHAT', 'FOUND', 'FIX'],
      checks.map(({ name, state, text, fix }) => [marks[state], name, text, fix ?? '']),
      2,
    );
  }
  return checks.some(({ state }) => state === 'broken') ? exitCodes.refused : exitCodes.done;
}
