import type { Clock } from '../base/clock.ts';
import type { TeamStore } from '../core/team.ts';
import type { Tx } from './transaction.ts';
import { audit, claim, claimFound, liveClaims } from './transactions/claims.ts';
import { addContext, context, setValue, values } from './transactions/context.ts';
import { guestLeft, guestSeen } from './transactions/guests.ts';
import { landedOn, landedOnAfter, lastLanding } from './transactions/landings.ts';
import { mailbox, markRead, readMessage, send, unread } from './transactions/messages.ts';
import { news, sync, told } from './transactions/news.ts';
import { members, taskAt, taskOfWorker, workerAmong } from './transactions/parties.ts';
import type { RepoScope } from './transactions/scope.ts';
import { unclaim } from './transactions/unclaim.ts';
import { wants } from './transactions/waits.ts';

/** What runs the transactions of one repository. */
export interface Runner {
  read<R>(tx: () => Tx<R>): Promise<R>;
  write<R>(tx: () => Tx<R>): Promise<R>;
}

/** What parties do with each other, on whatever runs transactions; without the query builder. */
export function teamOn(runner: Runner, scope: RepoScope, clock: Pick<Clock, 'now'>): TeamStore {
  const reads =
    <A, R>(tx: (scope: RepoScope, args: A) => Tx<R>) =>
    (args: A): Promise<R> =>
      runner.read(() => tx(scope, args));
  const writes =
    <A, R>(tx: (scope: RepoScope, args: A) => Tx<R>) =>
    (args: A): Promise<R> =>
      runner.write(() => tx(scope, args));
  return {
    members: () => reads(members)({ now: clock.now() }),
    taskOf: reads(taskOfWorker),
    taskAt: reads(taskAt),
    workerAmong: reads(workerAmong),
    guestSeen: writes(guestSeen),
    guestLeft: writes(guestLeft),

    claim: writes(claim),
    claimFound: writes(claimFound),
    wants: reads(wants),
    audit: (args) => reads(audit)({ ...args, now: clock.now() }),
    unclaim: writes(unclaim),
    claims: (args = {}) => reads(liveClaims)({ ...args, now: clock.now() }),

    send: writes(send),
    message: reads(readMessage),
    mailbox: reads(mailbox),
    unread: reads(unread),
    markRead: writes(markRead),

    addContext: writes(addContext),
    context: reads(context),
    values: () => runner.read(() => values(scope)),
    setValue: writes(setValue),

    news: reads(news),
    told: writes(told),
    sync: async (args) => {
      // Most looks find nothing, and need not wait for those who write.
      const found = await reads(news)(args);
      return found.messages.length + found.context.length === 0 ? found : writes(sync)(args);
    },

    landedOn: reads(landedOn),
    lastLanding: reads(lastLanding),
    landedOnAfter: reads(landedOnAfter),
  };
}
