import {
  type Disposable,
  EventEmitter,
  type FileStat,
  FileSystemError,
  type FileSystemProvider,
  FileType,
  Uri,
  workspace,
} from 'vscode';
import type { Repositories } from '../repositories.ts';

/** Files as a commit has them, for the left side of reviews. Read-only. */
const commitScheme = 'swarm-base';

interface Place {
  readonly commit: string;
  /** Relative to the repository. */
  readonly path: string;
}

/** A file of a commit. It is named like `file`, its other side, so that VS Code does not take it for a renamed one. */
export const commitFile = (repository: string, file: Uri, place: Place): Uri =>
  Uri.from({ scheme: commitScheme, authority: repository, path: file.path, query: JSON.stringify(place) });

/** Serves them by git, byte for byte, so that images and other encodings can be compared too. */
export function openCommitFiles(repositories: Repositories): Disposable {
  const changed = new EventEmitter<never>();
  const read = async (uri: Uri): Promise<Uint8Array> => {
    // After a reload VS Code shows editors again before their repository is open.
    const repository = await repositories.opened(uri.authority);
    const { commit, path }: Place = JSON.parse(uri.query);
    const bytes = await repository?.open.git.showFile(commit, path);
    if (!bytes) throw FileSystemError.FileNotFound(uri);
    return bytes;
  };
  const refuse = (uri: Uri): never => {
    throw FileSystemError.NoPermissions(uri);
  };
  const provider: FileSystemProvider = {
    onDidChangeFile: changed.event,
    watch: () => ({ dispose: () => {} }),
    stat: async (uri): Promise<FileStat> => ({
      type: FileType.File,
      ctime: 0,
      mtime: 0,
      size: (await read(uri)).byteLength,
    }),
    readFile: read,
    readDirectory: () => [],
    createDirectory: refuse,
    writeFile: refuse,
    delete: refuse,
    rename: refuse,
  };
  return workspace.registerFileSystemProvider(commitScheme, provider, { isReadonly: true, isCaseSensitive: true });
}
