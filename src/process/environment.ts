/** Variables that speak of one worker or one session, and of how this very process was started. */
const personal = /^(SWARM_(WORKER|TOKEN|WORKTREE)|ELECTRON_RUN_AS_NODE|CLAUDECODE|CLAUDE_CODE_(ENTRYPOINT|SSE_PORT))$/;

/** The environment for another process of ours: the person's, without what belongs to a single worker. */
export function environmentForSwarm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => !personal.test(name)));
  // Inside VS Code the program we run on is Electron, which is Node only when told so.
  return process.versions.electron === undefined ? kept : { ...kept, ELECTRON_RUN_AS_NODE: '1' };
}

/** The environment for the person's own commands: they learn nothing of Swarm, least of all a token. */
export function environmentForCommands(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !personal.test(name) && !/^(SWARM|GIT)_/.test(name)),
  );
}
