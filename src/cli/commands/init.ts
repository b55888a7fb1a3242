import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../base/errors.ts';
import { repoSettingsFile } from '../../bridge/settingsFiles.ts';
import type { Repo } from '../../git/open.ts';
import { openRepo } from '../../git/open.ts';
import { detectCheck } from '../detectCheck.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Invocation } from '../invocation.ts';
import { dryRunOption } from '../options.ts';
import { requirePersonAnywhere } from '../person.ts';
import { plannedSection, plannedSkill, writePlanned } from '../projectNotes.ts';
import type { Define } from '../registry.ts';
import { settingsTemplate } from '../settingsTemplate.ts';

interface InitOptions {
  readonly skill?: true;
  readonly claudeMd?: true;
  readonly dryRun?: true;
}

/** `swarm init`. */
export const defineInit: Define = (command, on) => {
  command
    .option('--skill', 'instead write a skill for sessions that you run by hand: .claude/skills/swarm/SKILL.md')
    .option('--claude-md', 'instead write a section for them into CLAUDE.md; what else is there stays')
    .addOption(dryRunOption('written'))
    .action(on(init));
};

async function init(invocation: Invocation, { skill, claudeMd, dryRun }: InitOptions): Promise<ExitCode> {
  const git = await openRepo(process.cwd());
  if (!skill && !claudeMd) return writeSettings(invocation, git, dryRun);
  const { output } = invocation;
  const planned = [
    ...(skill ? [await plannedSkill(git.root)] : []),
    ...(claudeMd ? [await plannedSection(git.root)] : []),
  ];
  if (!dryRun) {
    await requirePersonAnywhere(invocation);
    for (const each of planned) await writePlanned(each);
  }
  const written = planned.map(({ file, content, isNew }) => ({ file, written: isNew && !dryRun, content }));
  if (output.json) output.document({ files: written });
  else if (dryRun) for (const { content } of planned) output.verbatim(content);
  else for (const each of written) output.line(each.file, each.written ? '' : ' has it already');
  return exitCodes.done;
}

async function writeSettings(invocation: Invocation, git: Repo, dryRun: true | undefined): Promise<ExitCode> {
  const { output } = invocation;
  const { branch } = await git.inspect();
  const check = await detectCheck((file) => readOptional(join(git.root, file)));
  const file = repoSettingsFile(git.root);
  const content = settingsTemplate({ check, branch });
  if (!dryRun) {
    await requirePersonAnywhere(invocation);
    await writeNew(file, content);
  }
  if (output.json) output.document({ file, written: !dryRun, check: check ?? null, target: branch ?? null, content });
  else if (dryRun) output.verbatim(content);
  else {
    output.line(file);
    output.note(check === undefined ? 'no check command was found; set check.command' : `the check is \`${check}\``);
  }
  return exitCodes.done;
}

async function writeNew(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new AppError('exists', `${file} is there already and stays as it is`, {
        hint: 'Change it by hand or with `swarm config`.',
      });
    }
    throw new AppError('settings_not_written', `${file} cannot be written`, { cause: error });
  }
}

const readOptional = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined);
