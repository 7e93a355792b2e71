import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const EVERYWHERE = '{apps,packages,bench}';
const exclude = ['**/node_modules/**'];
const common = {
  /** Workers keep what they imported: no file changes what all share. */
  isolate: false,
  /** Files wait for timers and other processes part of the time. */
  maxWorkers: 3 * availableParallelism(),
  /** Far more than a test takes on a busy machine: conditions have deadlines of their own. */
  testTimeout: 300_000,
  hookTimeout: 180_000,
  expect: { poll: { timeout: 60_000 } },
};
const processes = { ...common, exclude, pool: 'forks' as const };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          ...common,
          pool: 'threads',
          include: [`${EVERYWHERE}/**/*.test.ts`],
          exclude: [...exclude, '**/*.{redis,process}.test.ts'],
        },
      },
      { test: { name: 'redis', include: [`${EVERYWHERE}/**/*.redis.test.ts`], ...processes } },
      { test: { name: 'process', include: [`${EVERYWHERE}/**/*.process.test.ts`], ...processes } },
      {
        test: {
          name: 'e2e',
          include: ['e2e/{access,alerts,clients,fleet,install,packages}/*.test.ts'],
          ...processes,
        },
      },
      {
        test: {
          name: 'tasks',
          include: ['e2e/{cli,hooks,rollouts,schedules,tasks}/*.test.ts'],
          ...processes,
        },
      },
      { test: { name: 'browser', include: ['e2e/dashboard/*.test.ts'], ...processes } },
    ],
  },
});
