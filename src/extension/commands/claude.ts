import { env, Uri } from 'vscode';
import type { Face } from '../face.ts';
import { sentences } from '../model/sentence.ts';
import { words } from '../words.ts';

const { t } = words;

/** Shows what is missing for Claude Code to be ready: the terminal to sign in and trust, or where to get it. */
export async function setUpClaude({ repositories, setup, tell }: Face): Promise<void> {
  const [repository] = repositories.all;
  if (!repository) return tell.refusal(t('open a folder with a git repository first'));
  const found = await repository.gate.look();
  switch (found.state) {
    case 'ready':
      return tell.refusal(found.text);
    case 'missing':
      await env.openExternal(Uri.parse('https://claude.com/claude-code'));
      return;
    case 'too_old':
      return tell.refusal(sentences(found.text, found.hint));
    default:
      await setup.open(repository, false);
      await repository.gate.want();
      setup.ready();
  }
}
