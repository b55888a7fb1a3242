import { exitCodes } from './exitCodes.ts';

/** The person's wish to stop: Ctrl-C, or what a closing terminal and a service manager send. */
export interface Interrupt extends Disposable {
  readonly signal: AbortSignal;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Listens for the wish to stop, until disposed; who does not listen ends at the first Ctrl-C. The second one ends the
 * process at once, unless `patient`.
 */
export function listenForInterrupt({ patient }: { readonly patient: boolean }): Interrupt {
  const controller = new AbortController();
  const hear = () => {
    if (controller.signal.aborted && !patient) process.exit(exitCodes.stopped);
    controller.abort();
  };
  for (const signal of signals) process.on(signal, hear);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, hear);
    },
  };
}
