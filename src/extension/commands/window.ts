import { commands, env, ProcessExecution, Task, TaskRevealKind, TaskScope, tasks } from 'vscode';
import type { Face } from '../face.ts';
import { terminalEnvironment } from '../programs.ts';
import { words } from '../words.ts';

const { t } = words;

/** Shows all settings, or the one of that key, where they can be set: VS Code shows a machine's settings only with that machine. */
export async function openSettings(_face: Face, key: string | undefined): Promise<void> {
  const page = env.remoteName === undefined ? 'openSettings' : 'openRemoteSettings';
  const query = key === undefined ? '@ext:swarm.swarm' : `swarm.${key}`;
  await commands.executeCommand(`workbench.action.${page}`, { query });
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
