import { Uri } from 'vscode';
import { UsageError } from '../../base/errors.ts';
import { contextPage } from '../model/messagePage.ts';
import type { Repositories } from '../repositories.ts';
import type { Repository } from '../repository.ts';
import { words } from '../words.ts';
import type { LiveTexts } from './liveTexts.ts';

/** What all sessions share, as Markdown. */
const contextScheme = 'swarm-context';
const mostEntries = 500;

export const contextUri = ({ id }: Repository): Uri =>
  Uri.from({ scheme: contextScheme, authority: id, path: `/${words.t('Shared Context')}.md` });

/** The pages of the shared context, one for each repository. */
export const contextPages = (repositories: Repositories): LiveTexts => ({
  scheme: contextScheme,
  follows: false,
  onDidChange: (listener) => repositories.onDidSee(listener),
  read: async (uri) => {
    const repository = await repositories.opened(uri.authority);
    const seen = repository?.feed.latest;
    if (!repository || !seen)
      throw new UsageError(words.t('There is no repository {0} in this window.', uri.authority));
    const { store } = repository.open;
    return contextPage(seen, words, {
      entries: await store.context({ most: mostEntries }),
      values: await store.values(),
    });
  },
});
