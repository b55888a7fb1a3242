import { join } from 'node:path';
import { commands, type Disposable, type Memento, Uri, window } from 'vscode';
import { AppError, UsageError } from '../base/errors.ts';
import { Emitter } from '../base/event.ts';
import type { Task } from '../core/model/task.ts';
import type { ChangedFile } from '../core/ports.ts';
import { commitFile } from './documents/commitFiles.ts';
import type { FoundTask } from './find.ts';
import { words } from './words.ts';

const memoryKey = 'swarm.reviews';
const mostRemembered = 100;

/** A review as it was opened: which commit of which task is read in it. */
export interface OpenReview {
  /** The beginning of its tab's label, which is all that VS Code tells of such a tab. */
  readonly title: string;
  readonly task: Task['id'];
  readonly head: string;
}

/** The two sides of one changed file; a side is absent where the file is not in it. */
interface Sides {
  readonly left: Uri | undefined;
  readonly right: Uri | undefined;
}

/** Opens reviews in VS Code's own diff editors and knows which of them the person looks at. */
export class OpenReviews implements Disposable {
  readonly #memory: Memento;
  readonly #changed = new Emitter<void>();
  readonly #listener: Disposable;
  readonly onDidChange = this.#changed.event;
  #reviews: readonly OpenReview[];

  constructor(memory: Memento) {
    this.#memory = memory;
    this.#reviews = memory.get<OpenReview[]>(memoryKey, []);
    this.#listener = window.tabGroups.onDidChangeTabs(() => this.#changed.fire());
  }

  /** The review in front; undefined when another editor is. */
  get active(): OpenReview | undefined {
    const label = window.tabGroups.activeTabGroup.activeTab?.label;
    return label === undefined ? undefined : this.#reviews.find(({ title }) => isTabOf(label, title));
  }

  /** Whether the person has opened what is in review of a task now. */
  hasOpened(task: Task): boolean {
    return this.#reviews.some((review) => review.task === task.id && review.head === task.head);
  }

  /** Shows everything that a task changes, base on the left, its head on the right. */
  async show(found: FoundTask): Promise<void> {
    const { base, head } = reviewed(found.task);
    const files = await found.repository.files.between(base, head);
    if (files.length === 0) throw new UsageError(words.t('“{0}” changes nothing', found.task.title));
    const inWorktree = await isAtHead(found, head);
    const resources = files.map((file) => {
      const { left, right } = sidesOf(found, file, base, head, inWorktree);
      return [right ?? left, left, right];
    });
    const title = this.#remember(found.task, head);
    await commands.executeCommand('vscode.changes', title, resources);
    this.#changed.fire();
  }

  /** Shows what a task changes in one file. */
  async showFile(found: FoundTask, path: string): Promise<void> {
    const { base, head } = reviewed(found.task);
    const file = (await found.repository.files.between(base, head)).find((each) => each.path === path);
    if (!file) throw new AppError('file_not_changed', words.t('“{0}” no longer changes {1}', found.task.title, path));
    const { left, right } = sidesOf(found, file, base, head, await isAtHead(found, head));
    const title = `${path} (${found.task.title})`;
    if (left && right) await commands.executeCommand('vscode.diff', left, right, title);
    else await commands.executeCommand('vscode.open', right ?? left, undefined, title);
  }

  dispose(): void {
    this.#listener.dispose();
    this.#changed.dispose();
  }

  #remember(task: Task, head: string): string {
    const plainTitle = words.t('Review: {0}', task.title);
    const taken = this.#reviews.some((review) => review.title === plainTitle && review.task !== task.id);
    const title = taken ? `${plainTitle} ${task.id}` : plainTitle;
    const others = this.#reviews.filter((review) => review.title !== title);
    this.#reviews = [{ title, task: task.id, head }, ...others].slice(0, mostRemembered);
    void this.#memory.update(memoryKey, this.#reviews);
    return title;
  }
}

/** VS Code puts the number of files behind the title: ` (2 files)`. */
const isTabOf = (label: string, title: string): boolean => label === title || label.startsWith(`${title} (`);

function reviewed(task: Task): { readonly base: string; readonly head: string } {
  const { base, head } = task;
  if (base === undefined || head === undefined) {
    throw new UsageError(words.t('“{0}” has handed over nothing yet', task.title));
  }
  return { base, head };
}

/** Whether the worktree shows the very commit: then its real files can be read, and edited, on the right. */
async function isAtHead({ repository, task }: FoundTask, head: string): Promise<boolean> {
  if (task.worktree === undefined) return false;
  const at = await repository.open.git.head(task.worktree).catch(() => undefined);
  return at === head;
}

function sidesOf(found: FoundTask, file: ChangedFile, base: string, head: string, inWorktree: boolean): Sides {
  const { repository, task } = found;
  const real = Uri.file(join(task.worktree ?? repository.open.repo.root, file.path));
  const before = { commit: base, path: file.from ?? file.path };
  const named = Uri.file(join(task.worktree ?? repository.open.repo.root, before.path));
  const left = file.status === 'added' ? undefined : commitFile(repository.id, named, before);
  if (file.status === 'deleted') return { left, right: undefined };
  return { left, right: inWorktree ? real : commitFile(repository.id, real, { commit: head, path: file.path }) };
}
