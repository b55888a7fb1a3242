import { expect, test } from 'vitest';
import { UsageMeter } from '../../../src/claude/telemetry.ts';

type Value = string | number;
const record = (values: Readonly<Record<string, Value>>) => ({
  attributes: Object.entries(values).map(([key, value]) => ({
    key,
    value:
      typeof value === 'string'
        ? { stringValue: value }
        : Number.isInteger(value)
          ? { intValue: String(value) }
          : { doubleValue: value },
  })),
});
const body = (...logRecords: readonly object[]) => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
const request = { 'event.name': 'api_request', query_source: 'repl_main_thread', input_tokens: 12, output_tokens: 31 };

test('requests to the model are added up, turns only of the conversation itself', () => {
  const meter = new UsageMeter();
  const took = [
    meter.add(
      body(record({ ...request, cache_read_tokens: 100, cost_usd: 0.25 }), record({ 'event.name': 'tool_result' })),
    ),
    meter.add(body(record({ ...request, query_source: 'agent:explore', cache_creation_tokens: 7, cost_usd: 0.5 }))),
    meter.add(body(record({ ...request, query_source: 'generate_session_title', cost_usd: 'many', input_tokens: -4 }))),
  ];
  expect({ took, usage: meter.usage }).toEqual({
    took: [true, true, true],
    usage: { costUsd: 0.75, tokens: 224, turns: 1 },
  });
});

test('other reports change nothing', () => {
  const meter = new UsageMeter();
  const others = [null, {}, { resourceMetrics: [] }, body(), body({}), body(record({ 'event.name': 'user_prompt' }))];
  expect(others.map((other) => meter.add(other))).toEqual(others.map(() => false));
});
