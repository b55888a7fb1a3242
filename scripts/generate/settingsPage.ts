import type { Setting } from '../../src/core/settings.ts';

/** The page of all settings. */
export function settingsPage(settings: Readonly<Record<string, Setting>>): string {
  const rows = Object.entries(settings).map(([key, setting]) =>
    [
      `\`${key}\`${setting.sensitive ? ' ¹' : ''}`,
      valuesOf(setting),
      `\`${JSON.stringify(setting.default)}\``,
      setting.text,
    ]
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | '),
  );
  return `<!-- Made from src/core/settings.ts by \`npm run generate\`. -->
# Settings

Later ones win: \`swarm.yaml\` at the top of the repository, your own file (\`swarm config --global\`), VS Code’s settings
(there with \`swarm.\` in front), flags of the command line. In YAML the dots are levels:

\`\`\`yaml
workers:
  max: 3
check:
  command: npm test
\`\`\`

\`swarm init\` writes a \`swarm.yaml\` with all of them as comments, \`swarm config --list\` shows what holds and where it comes from.

| Setting | Values | Default | Means |
|---|---|---|---|
${rows.map((row) => `| ${row} |`).join('\n')}

¹ May start programs or widen rights, so in \`swarm.yaml\` it counts only once you trust the repository (\`swarm setup\`).
`;
}

function valuesOf(setting: Setting): string {
  switch (setting.type) {
    case 'string':
      return 'text';
    case 'boolean':
      return '`true`, `false`';
    case 'integer':
      return `${setting.minimum} to ${setting.maximum}`;
    case 'choice':
      return setting.choices.map((choice) => `\`${choice}\``).join(', ');
    case 'strings':
      return 'list of texts';
    case 'choices':
      return `map to ${setting.choices.map((choice) => `\`${choice}\``).join(', ')}`;
    case 'object':
      return 'map';
  }
}
