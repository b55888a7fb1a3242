import { defineConfig } from 'vitest/config';

const layer = (name: string, timeoutMs: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    pool: 'forks' as const,
  },
});

export default defineConfig({
  test: {
    projects: [layer('unit', 10_000), layer('integration', 60_000), layer('claude', 120_000), layer('e2e', 300_000)],
  },
});
