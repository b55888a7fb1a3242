import { commands, ProcessExecution, Task, TaskRevealKind, TaskScope, tasks } from 'vscode';
import type { Face } from '../face.ts';
import { terminalEnvironment } from '../programs.ts';
import { words } from '../words.ts';

const { t } = words;

export async function openSettings(): Promise<void> {
  await commands.executeCommand('workbench.action.openSettings', '@ext:swarm.swarm');
}

/** Runs `swarm doctor` where its output stays to be read. */
export async function runDoctor({ programs, repositories, tell }: Face): Promise<void> {
  if (repositories.state === 'untrusted') return tell.refusal(t('nothing is run before you trust this folder'));
  const root = repositories.all[0]?.open.repo.root;
  const { ELECTRON_RUN_AS_NODE = '', PATH = '', SWARM_NODE = '' } = terminalEnvironment(programs, process.env);
  const doctor = new Task(
    { type: 'swarm', command: 'doctor' },
    TaskScope.Workspace,
    t('Doctor'),
    'Swarm',
    new ProcessExecution(process.execPath, [programs.cli, 'doctor'], {
      env: { ELECTRON_RUN_AS_NODE, PATH, SWARM_NODE },
      ...(root === undefined ? {} : { cwd: root }),
    }),
  );
  doctor.presentationOptions = { reveal: TaskRevealKind.Always, clear: true, showReuseMessage: false };
  await tasks.executeTask(doctor);
}

export function showOutput({ channel }: Face): void {
  channel.show();
}

/** Looks at the folders again: one may have become a repository. */
export async function lookAgain({ repositories }: Face): Promise<void> {
  await repositories.refresh();
  for (const repository of repositories.all) await repository.gate.look();
}
