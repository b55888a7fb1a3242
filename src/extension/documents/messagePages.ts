import { Uri } from 'vscode';
import { UsageError } from '../../base/errors.ts';
import type { MessageId } from '../../core/model/ids.ts';
import type { FoundMessage } from '../find.ts';
import { senderShortName } from '../model/inboxTree.ts';
import { messagePage } from '../model/messagePage.ts';
import type { Repositories } from '../repositories.ts';
import { words } from '../words.ts';
import type { LiveTexts } from './liveTexts.ts';

/** A message as Markdown; what a session wrote is escaped in it. */
const messageScheme = 'swarm-message';

export function messageUri({ repository, seen, message }: FoundMessage): Uri {
  const name = words.t('Message from {0}', senderShortName(seen, words, message)).replaceAll('/', '∕');
  return Uri.from({ scheme: messageScheme, authority: repository.id, path: `/${name}.md`, query: message.id });
}

/** The pages of messages. */
export const messagePages = (repositories: Repositories): LiveTexts => ({
  scheme: messageScheme,
  follows: false,
  onDidChange: (listener) => repositories.onDidSee(listener),
  read: async (uri) => {
    const repository = await repositories.opened(uri.authority);
    const seen = repository?.feed.latest;
    const message = await repository?.open.store.message(uri.query as MessageId);
    if (!seen || !message) throw new UsageError(words.t('There is no message {0} in this window.', uri.query));
    return messagePage(seen, words, message);
  },
});
