import type { Clock } from '../../base/clock.ts';
import type { Lease, LeaseSighting } from '../model/lease.ts';
import { judgeLeases } from '../model/lease.ts';
import type { Processes } from '../ports.ts';
import type { Store } from '../store.ts';

interface UnderLeaseWorld {
  readonly store: Pick<Store, 'renewLease' | 'dropLease'>;
  readonly clock: Pick<Clock, 'sleep'>;
}

/** Runs `body` while a lease is renewed at a third of its length, and gives it back. `lost` aborts once it is proven lost. */
export async function underLease<T>(
  { store, clock }: UnderLeaseWorld,
  { name, token, ms }: Pick<Lease, 'name' | 'token' | 'ms'>,
  body: (lost: AbortSignal) => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  const lost = new AbortController();
  void (async () => {
    while (!ended.signal.aborted) {
      await clock.sleep(ms / 3, ended.signal);
      // A store that cannot be asked is no lost lease.
      const isLost =
        !ended.signal.aborted && (await store.renewLease({ name, token }).catch(() => 'renewed')) === 'lost';
      if (isLost) lost.abort();
    }
  })();
  try {
    return await body(lost.signal);
  } finally {
    ended.abort();
    await store.dropLease({ name, token });
  }
}

/** What somebody needs who waits for a lease. */
export interface LeaseWorld {
  readonly store: Pick<Store, 'takeLease' | 'situation' | 'reap' | 'onDidChange'>;
  readonly processes: Pick<Processes, 'self' | 'isDead'>;
  readonly clock: Clock;
}

/** How often one looks although no change was heard, and how soon again after one. */
const lookMs = 500;
const paceMs = 20;

/**
 * Takes a lease as soon as it is free, within `waitMs`; `held` by whom when that was too short. Whoever waits judges by itself
 * whether the holder has died or stands still, as nobody need be there that coordinates.
 */
export async function awaitLease(
  { store, processes, clock }: LeaseWorld,
  { name, ms, waitMs }: { readonly name: string; readonly ms: number; readonly waitMs: number },
  signal: AbortSignal,
): Promise<Lease | { readonly held: Lease | undefined }> {
  const until = clock.monotonic() + waitMs;
  let seen: ReadonlyMap<string, LeaseSighting> = new Map();
  let lookedAt = clock.monotonic();
  for (;;) {
    signal.throwIfAborted();
    const change = new AbortController();
    const listener = store.onDidChange(() => change.abort());
    try {
      const taken = await store.takeLease({ name, owner: processes.self, ms });
      if (taken !== 'held') return taken;
      const held = (await store.situation()).leases.filter((lease) => lease.name === name);
      const now = clock.monotonic();
      // Whoever has slept has not seen that the holder slept, too.
      if (now - lookedAt > ms / 2) seen = new Map();
      lookedAt = now;
      const judged = judgeLeases(held, seen, now, (owner) => processes.isDead(owner));
      seen = judged.seen;
      if (judged.lost.length > 0) {
        await store.reap({ lost: judged.lost, now: clock.now() });
        continue;
      }
      if (held.length === 0) continue;
      if (now >= until) return { held: held[0] };
      await clock.sleep(paceMs, signal);
      await clock.sleep(Math.min(lookMs, Math.max(0, until - now)), AbortSignal.any([signal, change.signal]));
    } finally {
      listener.dispose();
    }
  }
}
