import type { Setting } from '../../src/core/settings.ts';

/** A setting as JSON Schema says it, without its sentence. */
export function jsonType(setting: Setting): Record<string, unknown> {
  switch (setting.type) {
    case 'string':
    case 'boolean':
      return { type: setting.type, default: setting.default };
    case 'integer':
      return { type: 'integer', default: setting.default, minimum: setting.minimum, maximum: setting.maximum };
    case 'choice':
      return { type: 'string', default: setting.default, enum: setting.choices };
    case 'strings':
      return { type: 'array', items: { type: 'string' }, default: setting.default };
    case 'choices':
      return {
        type: 'object',
        default: setting.default,
        additionalProperties: { type: 'string', enum: setting.choices },
      };
    case 'object':
      return { type: 'object', default: setting.default };
  }
}
