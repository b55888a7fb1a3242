import { Emitter } from '../base/event.ts';
import type { Disposable } from '../base/lifecycle.ts';
import type { Task } from '../core/model/task.ts';
import type { ChangedFile, Git } from '../core/ports.ts';

const mostKept = 500;

/** The changed files of reviewed tasks. Two commits never change, so each list is read once. */
export class FileLists implements Disposable {
  readonly #git: Pick<Git, 'diff'>;
  readonly #trouble: (error: unknown) => void;
  readonly #lists = new Map<string, Promise<readonly ChangedFile[]>>();
  readonly #known = new Map<string, readonly ChangedFile[]>();
  /** Not read again by themselves, only when somebody asks. */
  readonly #failed = new Set<string>();
  readonly #loaded = new Emitter<void>();
  readonly onDidLoad = this.#loaded.event;

  constructor(git: Pick<Git, 'diff'>, trouble: (error: unknown) => void) {
    this.#git = git;
    this.#trouble = trouble;
  }

  /** What a task changes, if that was read before; else it is read now and `onDidLoad` tells. */
  peek(task: Task): readonly ChangedFile[] | undefined {
    const { base, head } = task;
    if (base === undefined || head === undefined) return undefined;
    const key = `${base}..${head}`;
    if (!this.#lists.has(key) && !this.#failed.has(key)) {
      this.between(base, head).then(() => this.#loaded.fire(), this.#trouble);
    }
    return this.#known.get(key);
  }

  /** What differs between two commits. */
  between(base: string, head: string): Promise<readonly ChangedFile[]> {
    const key = `${base}..${head}`;
    const reading = this.#lists.get(key) ?? this.#read(key, base, head);
    this.#lists.set(key, reading);
    return reading;
  }

  dispose(): void {
    this.#loaded.dispose();
  }

  async #read(key: string, base: string, head: string): Promise<readonly ChangedFile[]> {
    const oldest = this.#lists.keys().next().value;
    if (this.#lists.size >= mostKept && oldest !== undefined) {
      this.#lists.delete(oldest);
      this.#known.delete(oldest);
    }
    try {
      const files = await this.#git.diff(base, head);
      this.#known.set(key, files);
      this.#failed.delete(key);
      return files;
    } catch (error) {
      this.#lists.delete(key);
      this.#failed.add(key);
      throw error;
    }
  }
}
