import * as z from 'zod';
import { messageOf } from '../base/errors.ts';
import type { SessionTeam } from '../core/ports.ts';

const Asked = z.object({ paths: z.array(z.string()) });

/** Answers the guard of commits: `allowed`, or why not. Whatever goes wrong is a reason. */
export async function answerCommit(team: Pick<SessionTeam, 'mayCommit'>, body: unknown): Promise<object> {
  try {
    const refusal = await team.mayCommit(Asked.parse(body).paths);
    return refusal ?? { allowed: true };
  } catch (error) {
    return { refused: `Swarm could not find out whether other sessions hold these files: ${messageOf(error)}` };
  }
}
