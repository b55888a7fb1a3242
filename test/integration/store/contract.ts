import { describe } from 'vitest';
import { claimContract } from './contract/claiming.ts';
import { coordinateContract } from './contract/coordinating.ts';
import { fileContract } from './contract/files.ts';
import { leaseContract } from './contract/leases.ts';
import { mergeContract } from './contract/merging.ts';
import { queueContract } from './contract/queueing.ts';
import { reviewContract } from './contract/reviewing.ts';
import { rowContract } from './contract/rows.ts';
import { sessionContract } from './contract/sessions.ts';
import { talkContract } from './contract/talking.ts';
import { waitingContract } from './contract/waiting.ts';
import { watchContract } from './contract/watching.ts';
import { workerContract } from './contract/workers.ts';
import type { OpenGround } from './stage.ts';

/** What every store keeps to, whatever engine it stands on. */
export function contract(engine: string, open: OpenGround): void {
  describe(`a store on ${engine}`, () => {
    queueContract(open);
    coordinateContract(open);
    leaseContract(open);
    workerContract(open);
    sessionContract(open);
    reviewContract(open);
    mergeContract(open);
    watchContract(open);
    rowContract(open);
    claimContract(open);
    talkContract(open);
    fileContract(open);
    waitingContract(open);
  });
}
