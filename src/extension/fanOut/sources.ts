import { basename } from 'node:path';
import { env, type TextDocument, window, workspace } from 'vscode';
import { requestsFromText } from '../../bridge/taskTexts.ts';
import type { TaskRequest } from '../../core/flow/plan.ts';
import { requestsFromLines } from '../../core/flow/plan.ts';
import { words } from '../words.ts';

const { t } = words;

/** Somewhere that tasks can be taken from. */
export interface Source {
  readonly label: string;
  readonly icon: string;
  readonly description?: string;
  /** The tasks; undefined: the person gave up. */
  read(): Promise<readonly TaskRequest[] | undefined>;
}

/** What there is to take tasks from just now, the likeliest first. */
export async function sourcesNow(): Promise<readonly Source[]> {
  const editor = window.activeTextEditor;
  const found: Source[] = [];
  if (editor && !editor.selection.isEmpty) {
    const text = editor.document.getText(editor.selection);
    found.push(textSource(t('The selection'), 'list-selection', text, 'selection'));
  }
  if (editor && ['file', 'untitled'].includes(editor.document.uri.scheme)) {
    const name = basename(editor.document.fileName);
    found.push(textSource(name, 'file', editor.document.getText(), taskName(editor.document)));
  }
  const copied = await env.clipboard.readText();
  if (copied.trim() !== '') found.push(textSource(t('The clipboard'), 'clippy', copied, 'clipboard'));
  return [
    ...found.filter((source) => source.description !== undefined),
    {
      label: t('A file…'),
      icon: 'folder-opened',
      description: t('YAML, JSON, a Markdown list or one task a line'),
      read: readFile,
    },
  ];
}

/** The name by which the text of a document is understood: an unsaved one has no ending, but a language. */
export function taskName({ fileName, languageId, isUntitled }: TextDocument): string {
  return isUntitled && ['yaml', 'json'].includes(languageId) ? `${fileName}.${languageId}` : fileName;
}

/** How many tasks a number of requests is, in words. */
export const countedTasks = (count: number): string => (count === 1 ? t('1 task') : t('{0} tasks', count));

function textSource(label: string, icon: string, text: string, name: string): Source {
  const read = async () =>
    name === 'selection' || name === 'clipboard' ? linesOrList(text) : requestsFromText(text, name);
  let count: number;
  try {
    count = requestsFromText(text.slice(0, 100_000), name).length;
  } catch {
    // What is wrong with it is told when it is chosen.
    return { label, icon, description: t('cannot be read as tasks'), read };
  }
  return { label, icon, ...(count === 0 ? {} : { description: countedTasks(count) }), read };
}

/** A Markdown list by its items, anything else by lines. */
const linesOrList = (text: string): readonly TaskRequest[] => {
  const requests = requestsFromText(text, 'text.md');
  return requests.length > 0 ? requests : requestsFromLines(text);
};

async function readFile(): Promise<readonly TaskRequest[] | undefined> {
  const [file] = (await window.showOpenDialog({ title: t('Tasks from a File'), openLabel: t('Take Tasks') })) ?? [];
  if (!file) return undefined;
  const bytes = await workspace.fs.readFile(file);
  return requestsFromText(new TextDecoder().decode(bytes), basename(file.fsPath));
}
