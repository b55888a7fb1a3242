import { systemClock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { OpenSwarm } from '../../bridge/open.ts';
import type { Party } from '../../core/model/party.ts';
import { claimPaths } from '../../git/claimPaths.ts';
import { listenForInterrupt } from '../interrupt.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import { speakerOf } from '../person.ts';
import { whoSpeaks } from '../speaker.ts';
import type { Speaking } from './verb.ts';

/** A party with the whole program behind it. */
export interface WholeSpeaking extends Speaking {
  readonly opened: OpenSwarm;
  readonly waiting: NonNullable<Speaking['waiting']>;
}

/** Finds out who speaks and lets `body` speak for that party. Throws `not_you` for somebody who may not. `named` is `--worker`. */
export function speak<T>(
  invocation: Invocation,
  named: string | undefined,
  body: (speaking: WholeSpeaking) => Promise<T>,
): Promise<T> {
  return withSwarm(invocation, async (opened) => {
    using interrupt = listenForInterrupt({ patient: false });
    const party = await partySpeaking(invocation, opened, named);
    return body({
      opened,
      team: opened.swarm.teamwork(party),
      output: invocation.output,
      paths: (texts) => claimPaths(texts, { commonDir: opened.repo.commonDir, folder: process.cwd() }),
      now: () => systemClock.now(),
      waiting: { onDidChange: (listener) => opened.store.onDidChange(listener), signal: interrupt.signal },
    });
  });
}

/** Who speaks. Throws `not_you` for somebody who may not. */
export async function partySpeaking(
  invocation: Invocation,
  opened: OpenSwarm,
  named: string | undefined,
): Promise<Party> {
  const { store } = opened;
  const voice = await whoSpeaks(await speakerOf(invocation, store, named), store, systemClock.now());
  if ('party' in voice) return voice.party;
  throw new AppError('not_you', voice.refused, {
    hint: 'Inside a session leave --worker and $SWARM_WORKER as they are; a session of your own takes a name with --worker NAME.',
  });
}
