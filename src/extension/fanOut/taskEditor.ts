import { type TextDocument, window, workspace } from 'vscode';
import { setContext } from '../views/contextKeys.ts';

const documents = new Set<TextDocument>();

/** Opens an empty editor to write many or long tasks in; a button in its title fans them out. */
export async function openTaskEditor(): Promise<void> {
  const document = await workspace.openTextDocument({ language: 'markdown' });
  documents.add(document);
  tell();
  const listener = workspace.onDidCloseTextDocument((closed) => {
    if (closed !== document) return;
    listener.dispose();
    documents.delete(document);
    tell();
  });
  await window.showTextDocument(document);
}

function tell(): void {
  setContext(
    'swarm.taskDocuments',
    [...documents].map(({ uri }) => uri.toString()),
  );
}
