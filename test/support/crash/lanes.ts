/**
 * Asks for the answers to 1, 2, 3 … in a few lanes at once, until one is undefined; returns those before it, in order.
 */
export async function lanes<T>(count: number, ask: (number: number) => Promise<T | undefined>): Promise<readonly T[]> {
  const answers: T[] = [];
  let next = 1;
  let end = Number.POSITIVE_INFINITY;
  const lane = async () => {
    while (next < end) {
      const number = next++;
      const answer = await ask(number);
      if (answer === undefined) end = Math.min(end, number);
      else answers[number - 1] = answer;
    }
  };
  await Promise.all(Array.from({ length: count }, lane));
  return answers.slice(0, end - 1);
}
