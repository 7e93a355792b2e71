import { defineConfig } from 'vitest/config';

const included = (root: string, kind: string) => ({
  include: [`${root}/**/*${kind}.test.ts`],
  exclude: ['**/node_modules/**'],
});

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{apps,packages,bench}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.redis.test.ts', '**/*.process.test.ts'],
        },
      },
      {
        test: {
          name: 'redis',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          ...included('{apps,packages,bench}', '.redis'),
        },
      },
      {
        test: {
          name: 'process',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          ...included('{apps,packages,bench}', '.process'),
        },
      },
      {
        test: {
          name: 'e2e',
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          ...included('e2e', ''),
        },
      },
    ],
  },
});
