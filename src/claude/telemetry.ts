import * as z from 'zod';
import type { Usage } from '../core/model/session.ts';

const Value = z.object({
  stringValue: z.string().optional(),
  intValue: z.union([z.string(), z.number()]).optional(),
  doubleValue: z.number().optional(),
});
const Attributes = z.array(z.object({ key: z.string(), value: Value })).catch([]);
const Logs = z.object({
  resourceLogs: z.array(
    z.object({
      scopeLogs: z.array(z.object({ logRecords: z.array(z.object({ attributes: Attributes })).catch([]) })).catch([]),
    }),
  ),
});

const tokenKinds = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'];

/** Adds up what Claude Code says it has used, subagents and its own side requests too. */
export class UsageMeter {
  usage: Usage = { costUsd: 0, tokens: 0, turns: 0 };

  /** Takes one OTLP export of logs; true when it told of requests to the model. */
  add(body: unknown): boolean {
    const before = this.usage;
    const groups = Logs.safeParse(body).data?.resourceLogs.flatMap(({ scopeLogs }) => scopeLogs) ?? [];
    for (const { attributes } of groups.flatMap(({ logRecords }) => logRecords)) {
      const values = new Map(attributes.map(({ key, value }) => [key, plain(value)]));
      if (values.get('event.name') !== 'api_request') continue;
      const number = (key: string) => Math.max(0, Number(values.get(key) ?? 0) || 0);
      const isTurn = String(values.get('query_source') ?? '').includes('main_thread');
      this.usage = {
        costUsd: this.usage.costUsd + number('cost_usd'),
        tokens: this.usage.tokens + tokenKinds.reduce((sum, kind) => sum + number(kind), 0),
        turns: this.usage.turns + (isTurn ? 1 : 0),
      };
    }
    return this.usage !== before;
  }
}

function plain({ stringValue, intValue, doubleValue }: z.infer<typeof Value>): string | number | undefined {
  return stringValue ?? intValue ?? doubleValue;
}
