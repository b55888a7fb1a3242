import type { Setting } from '../../src/core/settings.ts';
import { jsonType } from './jsonType.ts';

/** The JSON Schema of swarm.yaml and of the person's own settings file, where dots may be levels or stay dots. */
export function settingsSchema(settings: Readonly<Record<string, Setting>>): string {
  const definitions = Object.fromEntries(
    Object.entries(settings).map(([key, setting]) => [key, { ...jsonType(setting), description: setting.text }]),
  );
  const reference = (key: string) => ({ $ref: `#/$defs/${key}` });
  const groups = Map.groupBy(Object.keys(settings), (key) => key.split('.')[0] ?? key);
  const nested = Array.from(groups, ([group, keys]) => [
    group,
    {
      type: ['object', 'null'],
      additionalProperties: false,
      properties: Object.fromEntries(keys.map((key) => [key.slice(group.length + 1), reference(key)])),
    },
  ]);
  const flat = Object.keys(settings).map((key) => [key, reference(key)]);
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Settings of Swarm',
    type: ['object', 'null'],
    additionalProperties: false,
    properties: Object.fromEntries([...nested, ...flat]),
    $defs: definitions,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
