import { commands, window } from 'vscode';
import { chooseRepository } from '../ask/repositoryOf.ts';
import type { Face } from '../face.ts';
import type { Repository } from '../repository.ts';
import { words } from '../words.ts';

const { t } = words;

/** The repository to work in; when there is none yet the person is told what to do. */
export async function repositoryFor({ repositories, tell }: Face): Promise<Repository | undefined> {
  if (repositories.state !== 'ready') await repositories.refresh();
  const [only, ...others] = repositories.all;
  if (only && others.length === 0) return only;
  if (only) return chooseRepository(repositories.all, t('Fan out tasks in which repository?'));
  switch (repositories.state) {
    case 'no_folder':
      await offer(t('Open a folder with a git repository first.'), t('Open Folder'), 'vscode.openFolder');
      return undefined;
    case 'untrusted':
      await offer(
        t('Swarm starts programs, so you have to trust this folder first.'),
        t('Manage Trust'),
        'workbench.trust.manage',
      );
      return undefined;
    case 'no_repository':
      await offer(t('This folder is no git repository yet.'), t('Initialize Repository'), 'git.init');
      return undefined;
    default:
      tell.refusal(repositories.problem ?? t('the repository is not open yet'));
      return undefined;
  }
}

async function offer(message: string, verb: string, command: string): Promise<void> {
  if ((await window.showWarningMessage(message, verb)) === verb) await commands.executeCommand(command);
}
