import { type Disposable, EventEmitter, type TextDocumentContentProvider, type Uri, window, workspace } from 'vscode';
import { messageOf } from '../../base/errors.ts';
import { paced } from '../pace.ts';

const paceMs = 500;

/** Read-only documents that are read again while somebody has them open and what they show changes. */
export interface LiveTexts {
  readonly scheme: string;
  read(uri: Uri): Promise<string>;
  /** Calls after anything may have changed. */
  onDidChange(listener: () => void): Disposable;
  /** Whether an editor that stands at the end stays at the end. */
  readonly follows: boolean;
}

/** Serves such documents. */
export function openLiveTexts(texts: LiveTexts): Disposable[] {
  const changed = new EventEmitter<Uri>();
  const provider: TextDocumentContentProvider = {
    onDidChange: changed.event,
    provideTextDocumentContent: (uri) => texts.read(uri).catch((error: unknown) => messageOf(error)),
  };
  const pace = paced(paceMs, async () => {
    for (const document of workspace.textDocuments)
      if (document.uri.scheme === texts.scheme) changed.fire(document.uri);
  });
  const follow = workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (!texts.follows || document.uri.scheme !== texts.scheme || contentChanges.length === 0) return;
    const before = contentChanges[0]?.range.start.line ?? 0;
    for (const editor of window.visibleTextEditors) {
      if (editor.document !== document) continue;
      const seen = editor.visibleRanges.at(-1)?.end.line ?? 0;
      const end = document.lineAt(document.lineCount - 1).range;
      if (seen + 2 >= Math.min(before, document.lineCount)) editor.revealRange(end);
    }
  });
  return [
    changed,
    pace,
    follow,
    workspace.registerTextDocumentContentProvider(texts.scheme, provider),
    texts.onDidChange(() => pace.poke()),
  ];
}
