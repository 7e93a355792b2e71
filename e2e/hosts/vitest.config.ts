import { defineConfig } from 'vitest/config';

/**
 * Configures the tests on hosts of their own, which need root: `npm run test:fleet`. The default
 * run leaves them out.
 */
export default defineConfig({
  test: {
    name: 'hosts',
    root: import.meta.dirname,
    include: ['*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 400_000, // the first run makes the base system
    disableConsoleIntercept: true, // what the installer prints is shown as it is
    reporters: ['verbose'],
    bail: 1, // each step builds on those before it
  },
});
