import type { Command } from 'commander';
import { Option } from 'commander';
import { UsageError } from '../base/errors.ts';
import type { OpenSwarm } from '../bridge/open.ts';
import { requestsFromText } from '../bridge/taskTexts.ts';
import type { FanOut } from '../core/flow/fanOut.ts';
import type { TaskRequest } from '../core/flow/plan.ts';
import { requestsFromTodo } from '../core/flow/plan.ts';
import type { ReviewPolicy } from '../core/model/batch.ts';
import { reviewPolicies } from '../core/model/batch.ts';
import type { PermissionMode } from '../core/model/session.ts';
import { permissionModes } from '../core/model/session.ts';
import type { PartialSettings } from '../core/settings.ts';
import { targetOf } from '../git/preflight.ts';
import { readStdin, readText } from './inputText.ts';
import { dryRunOption, workersOption } from './options.ts';

/** What a person may say of a batch on the command line. */
export interface FanOutOptions {
  readonly file?: string;
  readonly fromTodo?: string;
  readonly workers?: number;
  readonly review: ReviewPolicy;
  readonly base?: string;
  readonly target?: string;
  readonly branch?: string;
  readonly model?: string;
  readonly permissionMode?: PermissionMode;
  readonly path?: readonly string[];
  readonly forbid?: readonly string[];
  readonly check?: string;
  readonly mode: 'print';
  readonly dryRun?: true;
}

/** Adds the prompts and the options of a batch to a command. */
export function addFanOutOptions(command: Command): Command {
  return command
    .argument('[prompt...]', 'what is to be done, one task each; `-` reads one prompt a line from stdin')
    .option(
      '--file <file>',
      'read tasks: a list in YAML or JSON, open items of a Markdown task list, or one prompt a line',
    )
    .option('--from-todo <file>', 'read the open items (`- [ ] …`) of a Markdown task list')
    .addOption(workersOption('how many workers at most work on these tasks at once (default: workers.max)'))
    .addOption(
      new Option('--review <who>', 'who reviews; `none` approves by itself once the check is green')
        .choices(reviewPolicies)
        .default('human'),
    )
    .option('--base <commit>', 'start from this commit or branch instead of the target’s tip')
    .option('--target <branch>', 'the branch to land on (default: the one checked out)')
    .option('--branch <name>', 'the branch of the task (only one): gone on with if there is one of that name')
    .option('--model <name>', 'the model, as `claude --model` takes it')
    .option(
      '--path <glob>',
      'what each task is expected to change: claimed before it starts, changes elsewhere are reported; may be given again',
      collect,
    )
    .option('--forbid <glob>', 'what no task may change; may be given again', collect)
    .addOption(new Option('--permission-mode <mode>', 'what sessions may do without asking').choices(permissionModes))
    .option('--check <command>', 'the command that must pass before anything lands; empty: none')
    .addOption(
      new Option('--mode <mode>', 'how sessions run: `print` is without a terminal')
        .choices(['print'])
        .default('print'),
    )
    .addOption(dryRunOption('queued'));
}

const collect = (value: string, all: readonly string[] = []): readonly string[] => [...all, value];

/** The flags that are settings for this one call. */
export const settingsOf = ({ check }: Pick<FanOutOptions, 'check'>): PartialSettings =>
  check === undefined ? {} : { 'check.command': check };

/** Reads everything that was asked for. Throws a UsageError for files that cannot be read and lists that are wrong. */
export async function readRequests(
  prompts: readonly string[],
  { file, fromTodo }: Pick<FanOutOptions, 'file' | 'fromTodo'>,
): Promise<readonly TaskRequest[]> {
  const requests: TaskRequest[] = [];
  for (const prompt of prompts) {
    if (prompt === '-') requests.push(...requestsFromText(await readStdin(), 'stdin'));
    else requests.push({ prompt });
  }
  if (file !== undefined) requests.push(...requestsFromText(await readText(file), file));
  if (fromTodo !== undefined) requests.push(...requestsFromTodo(await readText(fromTodo)));
  return requests;
}

/** A fan-out, and what the person should know of the checkout before. */
interface AskedFanOut {
  readonly asked: FanOut;
  readonly warnings: readonly string[];
}

/** Makes the fan-out of what was asked for and what holds in this repository. */
export async function fanOutOf(
  opened: OpenSwarm,
  requests: readonly TaskRequest[],
  options: FanOutOptions,
  land: boolean,
): Promise<AskedFanOut> {
  const { branch } = options;
  if (branch !== undefined && requests.length !== 1) {
    throw new UsageError(`--branch is for one task, not for ${requests.length}`, {
      hint: 'In a task list each task may have its own `branch`.',
    });
  }
  const settings = await opened.settings();
  const state = await opened.git.inspect();
  const { base, model, permissionMode, path: paths, forbid: forbidden } = options;
  const own = {
    ...(model === undefined ? {} : { model }),
    ...(permissionMode === undefined ? {} : { permissionMode }),
    ...(paths === undefined ? {} : { paths }),
    ...(forbidden === undefined ? {} : { forbidden }),
  };
  const asked: FanOut = {
    requests: requests.map((request) => ({
      ...request,
      ...(branch === undefined ? {} : { branch }),
      options: { ...own, ...request.options },
    })),
    target: targetOf(state, options.target),
    ...(base === undefined ? {} : { base }),
    workers: options.workers ?? settings['workers.max'],
    mode: options.mode,
    review: options.review,
    land,
  };
  return { asked, warnings: state.warnings };
}
