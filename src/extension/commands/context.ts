import { commands, window } from 'vscode';
import { contextCategories } from '../../core/model/context.ts';
import { askLine } from '../ask/askLine.ts';
import { repositoryOf } from '../ask/repositoryOf.ts';
import { contextUri } from '../documents/contextPages.ts';
import type { Face } from '../face.ts';
import { categoryWord } from '../model/messagePage.ts';
import { words } from '../words.ts';

const { t } = words;

/** Shows what all sessions share. */
export async function showContext(face: Face): Promise<void> {
  const repository = await repositoryOf(face, t('Show the shared context of which repository?'));
  if (repository) await commands.executeCommand('markdown.showPreview', contextUri(repository));
}

/** Adds an entry to what all sessions share; they are told of it. */
export async function addToContext(face: Face): Promise<void> {
  const repository = await repositoryOf(face, t('Add to the shared context of which repository?'));
  if (!repository) return;
  const items = contextCategories.map((category) => ({ label: categoryWord(words, category), category }));
  const chosen = await window.showQuickPick(items, { title: t('What kind of fact is it?') });
  if (!chosen) return;
  const text = await askLine(t('Add to Shared Context: {0}', chosen.label), t('All sessions are told of it.'));
  if (text === undefined) return;
  await repository.open.swarm.teamwork('you').addContext(chosen.category, text);
  window.setStatusBarMessage(t('Added to the shared context'), 5_000);
}
