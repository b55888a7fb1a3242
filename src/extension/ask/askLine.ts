import { window } from 'vscode';
import { unlinked } from '../model/unlinked.ts';
import { words } from '../words.ts';

/** Asks for a text of one line; undefined when the person gave up. */
export const askLine = (title: string, prompt: string, mayBeEmpty = false): Thenable<string | undefined> =>
  window.showInputBox({
    title,
    // Titles of tasks and words of sessions are in some of them.
    prompt: unlinked(prompt),
    ignoreFocusOut: true,
    validateInput: (text) => (mayBeEmpty || text.trim() !== '' ? undefined : words.t('Say it in a few words.')),
  });
