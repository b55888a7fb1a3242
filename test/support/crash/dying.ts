import { appendFileSync } from 'node:fs';

/** When a process kills itself: right before or right after its n-th counted call. */
export interface Moment {
  readonly when: 'before' | 'after';
  readonly call: number;
}

/** How a process is told its moment, and where it notes the calls it has come to. */
export const momentVariable = 'SWARM_TEST_DIES';
export const callsVariable = 'SWARM_TEST_CALLS';

/** Counts calls of several objects together, and kills this very process with SIGKILL at the moment it was told. */
export class Fate {
  readonly #moment: Moment;
  readonly #notes: string;
  #calls = 0;

  constructor(env: NodeJS.ProcessEnv) {
    const [when, call] = (env[momentVariable] ?? '').split(' ');
    if (when !== 'before' && when !== 'after') throw new Error(`${momentVariable} must be “before n” or “after n”`);
    this.#moment = { when, call: Number(call) };
    this.#notes = env[callsVariable] ?? '';
  }

  /** The same object; each call of a method that `counts` names is one more step towards the end. */
  over<T extends object>(object: T, counts: (method: string) => boolean): T {
    return new Proxy(object, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        if (typeof name !== 'string' || !counts(name)) return value.bind(target);
        return async (...args: unknown[]) => {
          const call = ++this.#calls;
          if (this.#moment.when === 'before' && call === this.#moment.call) this.#die(name);
          const answer: unknown = await value.apply(target, args);
          if (this.#moment.when === 'after' && call === this.#moment.call) this.#die(name);
          return answer;
        };
      },
    });
  }

  #die(name: string): void {
    appendFileSync(this.#notes, `${name}\n`);
    process.kill(process.pid, 'SIGKILL');
  }
}

const looks = new Set(
  `attempts audit batch claims context entry landedOn landedOnAfter lastLanding mailbox members message news overview
  reviews sessions situation task taskAt taskHeld taskOf unread values wants worker workerAmong`.split(/\s+/),
);

/** Whether a method of the store writes. */
export const writes = (method: string): boolean =>
  !looks.has(method) && !['eventsAfter', 'onDidChange', 'dispose', 'check'].includes(method);
