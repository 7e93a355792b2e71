import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const EVERYWHERE = '{apps,packages,bench}';
const exclude = ['**/node_modules/**'];
/** For tests of real processes; each waits for conditions, with deadlines of its own. */
const patient = { testTimeout: 120_000, hookTimeout: 60_000 };
/** By default vitest leaves one core unused, half of a small machine. */
const maxWorkers = Math.max(2, availableParallelism() - 1);
/** For tests that wait most of the time. */
const MOSTLY_WAITING = 2 * maxWorkers;
/** Tests of the whole system that judge when things happen. */
const TIMING = [
  'e2e/clients/{client-frames,silent-clients,status-stream}.test.ts',
  'e2e/fleet/{acceptance,clocks,crowd}.test.ts',
];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          pool: 'threads',
          maxWorkers,
          include: [`${EVERYWHERE}/**/*.test.ts`],
          exclude: [...exclude, '**/*.{redis,process}.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'redis',
          include: [`${EVERYWHERE}/**/*.redis.test.ts`],
          exclude,
          ...patient,
          maxWorkers: MOSTLY_WAITING,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'process',
          include: [`${EVERYWHERE}/**/*.process.test.ts`],
          exclude,
          ...patient,
          maxWorkers: MOSTLY_WAITING,
          sequence: { groupOrder: 2 },
        },
      },
      // One file after the other: they watch cadences, or bring a thousand clients.
      {
        test: {
          name: 'timing',
          include: TIMING,
          exclude,
          ...patient,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/{access,clients,fleet,install,packages}/*.test.ts'],
          exclude: [...exclude, ...TIMING],
          ...patient,
          maxWorkers: MOSTLY_WAITING,
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          name: 'tasks',
          include: ['e2e/{cli,tasks}/*.test.ts'],
          exclude,
          ...patient,
          maxWorkers: MOSTLY_WAITING,
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          name: 'browser',
          include: ['e2e/dashboard/*.test.ts'],
          exclude,
          ...patient,
          maxWorkers,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
});
