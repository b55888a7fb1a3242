import type { ToolCall } from './gate.ts';

/**
 * True when an edit leaves all that a file holds as it is, and adds to it. `before` is what the file holds now; undefined
 * when there is none.
 */
export function onlyAdds({ tool, input }: Pick<ToolCall, 'tool' | 'input'>, before: string | undefined): boolean {
  switch (tool) {
    case 'Write':
      return before === undefined || (typeof input.content === 'string' && surrounds(input.content, before));
    case 'Edit':
      return keeps(input);
    case 'MultiEdit':
      return Array.isArray(input.edits) && input.edits.every(keeps);
    case 'NotebookEdit':
      return input.edit_mode === 'insert';
    default:
      return false;
  }
}

/** An edit whose new text has the old one in it; also one of nothing, which makes a file. */
function keeps(edit: unknown): boolean {
  const { old_string: old, new_string: now } = (edit ?? {}) as {
    readonly old_string?: unknown;
    readonly new_string?: unknown;
  };
  return typeof old === 'string' && typeof now === 'string' && now.includes(old);
}

/** Whole lines before or behind. */
function surrounds(now: string, before: string): boolean {
  const text = before.endsWith('\n') || before === '' ? before : `${before}\n`;
  return now === before || now.startsWith(text) || (now.endsWith(before) && now.at(-before.length - 1) === '\n');
}
