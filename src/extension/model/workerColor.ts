/** How many workers can be told apart by colour; then the colours begin again. */
const workerColors = 8;

/** The colours that terminals may have, in the order of the workers: the hues are those of `swarm.worker1` and so on. */
const terminalColors = ['Blue', 'Magenta', 'Cyan', 'Yellow', 'Red', 'Green', 'BrightBlue', 'BrightMagenta'] as const;

/** The number in a worker's name: `worker 3` is 3. */
export const workerNumber = (name: string): number => Number(/\d+/.exec(name)?.[0] ?? 0);

const place = (name: string): number => (workerNumber(name) + workerColors - 1) % workerColors;

/** The theme colour of a worker, for what it holds and where it is named. */
export const workerColor = (name: string): string => `swarm.worker${place(name) + 1}`;

/** The same hue among those that VS Code gives to terminals. */
export const terminalColor = (name: string): string => `terminal.ansi${terminalColors[place(name)] ?? 'Blue'}`;
