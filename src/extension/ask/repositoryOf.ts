import { window } from 'vscode';
import { repoName } from '../../bridge/places.ts';
import type { Face } from '../face.ts';
import type { Repository } from '../repository.ts';
import { words } from '../words.ts';

/** The one repository of the window, else one that the person chooses. Undefined: nothing chosen, or told that there is none. */
export async function repositoryOf({ repositories, tell }: Face, title: string): Promise<Repository | undefined> {
  const [only, ...others] = repositories.all;
  if (!only) {
    tell.refusal(words.t('open a folder with a git repository first'));
    return undefined;
  }
  return others.length === 0 ? only : chooseRepository(repositories.all, title);
}

/** One of these, by the person's choice. */
export async function chooseRepository(all: readonly Repository[], title: string): Promise<Repository | undefined> {
  const items = all.map((repository) => ({
    label: repoName(repository.open.repo),
    description: repository.open.repo.root,
    repository,
  }));
  return (await window.showQuickPick(items, { title }))?.repository;
}
