import { env, Uri, window } from 'vscode';
import type { Face } from '../face.ts';
import { sentences } from '../model/sentence.ts';
import { words } from '../words.ts';

const { t } = words;

/** Shows what is missing for Claude Code to be ready: the terminal to sign in and trust, or where to get it. */
export async function setUpClaude({ repositories, setup, tell }: Face): Promise<void> {
  const repository = repositories.all.find(({ gate }) => !gate.isReady) ?? repositories.all[0];
  if (!repository) return tell.refusal(t('open a folder with a git repository first'));
  const found = await repository.gate.look();
  switch (found.state) {
    case 'ready':
      void window.showInformationMessage(found.text);
      return;
    case 'missing':
      await env.openExternal(Uri.parse('https://claude.com/claude-code'));
      return;
    case 'too_old':
      return tell.refusal(sentences(found.text, found.hint));
    default:
      await setup.open(repository, false);
      await repository.gate.wait();
      setup.ready();
  }
}
