import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const EVERYWHERE = '{apps,packages,bench}';
const exclude = ['**/node_modules/**'];
/** By default vitest leaves one core unused, half of a small machine. */
const maxWorkers = Math.max(2, availableParallelism() - 1);
/** Tests of real processes wait most of the time, each for conditions that have deadlines. */
const processes = {
  exclude,
  testTimeout: 300_000,
  hookTimeout: 180_000,
  maxWorkers: 2 * maxWorkers,
  sequence: { groupOrder: 1 },
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          pool: 'threads',
          isolate: false, // no file changes what all share, and imports are two thirds of the work
          maxWorkers,
          include: [`${EVERYWHERE}/**/*.test.ts`],
          exclude: [...exclude, '**/*.{redis,process}.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      { test: { name: 'redis', include: [`${EVERYWHERE}/**/*.redis.test.ts`], ...processes } },
      { test: { name: 'process', include: [`${EVERYWHERE}/**/*.process.test.ts`], ...processes } },
      {
        test: {
          name: 'e2e',
          include: ['e2e/{access,clients,fleet,install,packages}/*.test.ts'],
          ...processes,
        },
      },
      { test: { name: 'tasks', include: ['e2e/{cli,tasks}/*.test.ts'], ...processes } },
      { test: { name: 'browser', include: ['e2e/dashboard/*.test.ts'], ...processes } },
    ],
  },
});
