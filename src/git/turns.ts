const waiting = new Map<string, { running: number; readonly queue: (() => void)[] }>();

/** Runs `action` when fewer than `limit` actions of this process run under the same name; first come, first served. */
export async function inTurn<T>(name: string, limit: number, action: () => Promise<T>): Promise<T> {
  const line = waiting.get(name) ?? { running: 0, queue: [] };
  waiting.set(name, line);
  // Whoever leaves hands its place on, so nobody can slip in between.
  if (line.running < limit) line.running += 1;
  else await new Promise<void>((resolve) => line.queue.push(resolve));
  try {
    return await action();
  } finally {
    const next = line.queue.shift();
    if (next) next();
    else line.running -= 1;
    if (line.running === 0) waiting.delete(name);
  }
}
