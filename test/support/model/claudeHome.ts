import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

/** What the isolated Claude Code is told about the world. */
export interface ClaudeHomeOptions {
  /** Where it keeps everything; must exist, and nobody else should use it. */
  readonly folder: string;
  /** The scripted model's address. */
  readonly modelUrl: string;
  /** With a subscription's credentials in its config folder, or without any; default true. */
  readonly signedIn?: boolean;
  /** Roots of repositories that the person has said to trust. */
  readonly trusts?: readonly string[];
}

/** A real Claude Code that knows nobody's account, settings or sessions. */
export interface ClaudeHome {
  /** The native executable of the development dependency. */
  readonly binary: string;
  /** The whole environment to start it with; inherits nothing but PATH, on which this `claude` and this Node come first. */
  readonly env: Readonly<Record<string, string>>;
  /** Its CLAUDE_CONFIG_DIR. */
  readonly configFolder: string;
}

/** Prepares HOME and CLAUDE_CONFIG_DIR so that a first interactive start in a trusted folder asks nothing. */
export async function claudeHome(options: ClaudeHomeOptions): Promise<ClaudeHome> {
  const configFolder = join(options.folder, '.claude');
  const temporary = join(options.folder, 'tmp');
  await mkdir(configFolder, { recursive: true });
  await mkdir(temporary, { recursive: true });
  const trusted = (options.trusts ?? []).map((root) => [root, { hasTrustDialogAccepted: true }]);
  await writeJson(join(configFolder, '.claude.json'), {
    hasCompletedOnboarding: true,
    theme: 'dark',
    projects: Object.fromEntries(trusted),
  });
  if (options.signedIn ?? true) await writeJson(join(configFolder, '.credentials.json'), credentials);
  const binary = await claudeBinary();
  return {
    binary,
    configFolder,
    env: {
      PATH: [join(dirname(binary), '../../../.bin'), dirname(process.execPath), process.env.PATH ?? ''].join(delimiter),
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
      HOME: options.folder,
      TMPDIR: temporary,
      CLAUDE_CONFIG_DIR: configFolder,
      ANTHROPIC_BASE_URL: options.modelUrl,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      CLAUDE_CODE_IDE_SKIP_AUTO_INSTALL: '1',
      DISABLE_AUTOUPDATER: '1',
    },
  };
}

/** Any words will do: the scripted model does not check them. */
const credentials = {
  claudeAiOauth: {
    accessToken: 'scripted-access',
    refreshToken: 'scripted-refresh',
    // Far enough away that nobody tries to refresh it.
    expiresAt: Date.UTC(2100, 0),
    scopes: ['user:inference', 'user:profile'],
    subscriptionType: 'max',
  },
};

/** The executable that `npm install` has put into the package for this platform. */
async function claudeBinary(): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve('@anthropic-ai/claude-code/package.json');
  const { bin } = JSON.parse(await readFile(manifest, 'utf8')) as { bin: { claude: string } };
  return join(dirname(manifest), bin.claude);
}

function writeJson(file: string, value: object): Promise<void> {
  return writeFile(file, JSON.stringify(value, null, 2), { mode: 0o600 });
}
