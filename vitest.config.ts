import { defineConfig } from 'vitest/config';

const layer = (name: string, timeoutMs: number, more: { fileParallelism?: boolean; globalSetup?: string } = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    pool: 'forks' as const,
    ...more,
  },
});

export default defineConfig({
  test: {
    // Most tests wait for processes that they have started; a core of its own is more than vitest needs.
    maxWorkers: '100%',
    projects: [
      layer('unit', 10_000),
      layer('integration', 60_000),
      layer('claude', 120_000),
      // Each file has a VS Code of its own: one after the other.
      layer('e2e', 300_000, { fileParallelism: false, globalSetup: 'test/support/vscode/packaged.ts' }),
    ],
  },
});
