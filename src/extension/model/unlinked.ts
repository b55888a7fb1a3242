/** A text for notifications and prompts, in which VS Code would make links of `[words](command:…)`: nothing in it becomes one. */
export const unlinked = (text: string): string => text.replaceAll('](', '] (');
