import { defineConfig } from 'vitest/config';

/**
 * Configures the tests of the Docker composition, which need root and a Docker engine of their own:
 * `npm run test:compose`. The default run leaves them out.
 */
export default defineConfig({
  test: {
    name: 'compose',
    root: import.meta.dirname,
    include: ['*.test.ts'],
    pool: 'forks',
    testTimeout: 900_000, // the first test builds the images
    hookTimeout: 60_000,
    reporters: ['verbose'],
    bail: 1, // each step builds on those before it
  },
});
