/** Environment variables, in the environment or in Claude Code's settings, by which a session would be paid for otherwise than by the subscription. */
export const payingVariables: readonly string[] = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'CLAUDE_CODE_USE_ANTHROPIC_AWS',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_FOUNDRY',
  'CLAUDE_CODE_USE_MANTLE',
  'CLAUDE_CODE_USE_VERTEX',
];

/**
 * Settings that, given with `--settings`, switch off every such key that the person's or the repository's settings bring
 * along. Only empty words do: null leaves the other files' values in force.
 */
export const subscriptionOnly: object = {
  apiKeyHelper: '',
  env: Object.fromEntries(payingVariables.map((name) => [name, ''])),
};

/** Arguments for a `claude` that is to have the same account as sessions have. */
export const accountArguments = (keepApiKey: boolean): readonly string[] =>
  keepApiKey ? [] : ['--settings', JSON.stringify(subscriptionOnly)];
