import { extname } from 'node:path';
import { parseDocument } from 'yaml';
import { UsageError } from '../base/errors.ts';
import type { TaskRequest } from '../core/flow/plan.ts';
import { requestsFromDocument, requestsFromLines, requestsFromTodo } from '../core/flow/plan.ts';

const documents: readonly string[] = ['.json', '.yaml', '.yml'];
const todoItem = /^\s*(?:[-*+]|\d+[.)])\s+\[[ xX]\]\s/m;

/**
 * The tasks that a text holds: a list in YAML or JSON (by the name's ending), the open items of a Markdown task list, or
 * one prompt a line. Throws a UsageError that says what is wrong and where.
 */
export function requestsFromText(text: string, name: string): readonly TaskRequest[] {
  if (documents.includes(extname(name).toLowerCase())) {
    const document = parseDocument(text, { prettyErrors: true });
    const problem = document.errors[0];
    if (problem) throw new UsageError(`${name}: ${problem.message.trim()}`);
    return requestsFromDocument(document.toJS());
  }
  return todoItem.test(text) ? requestsFromTodo(text) : requestsFromLines(text);
}
