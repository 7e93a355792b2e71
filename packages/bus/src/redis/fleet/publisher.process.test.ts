import { startProcess } from '@booner/testkit';
import { expect, it } from 'vitest';

/** Every module file that a fresh process loads for an import. */
async function modulesLoadedBy(specifier: string): Promise<string[]> {
  const recordAndImport = `
    import { registerHooks } from 'node:module';
    registerHooks({
      load(url, context, nextLoad) {
        if (url.startsWith('file:')) console.log(url);
        return nextLoad(url, context);
      },
    });
    await import(${JSON.stringify(specifier)});
  `;
  await using child = await startProcess({
    command: process.execPath,
    args: ['--input-type=module', '--eval', recordAndImport],
    cwd: import.meta.dirname,
  });
  expect(await child.exited, child.lines.stderr.join('\n')).toEqual({ code: 0, signal: null });
  return [...child.lines.stdout];
}

const ofZod = (url: string) => url.includes('/node_modules/zod/') || url.endsWith('/protocol/src/index.ts');

it('the publisher loads no schema library, which would cost an agent megabytes', async () => {
  const loaded = await modulesLoadedBy('@booner/bus/redis/publisher');
  expect(loaded).toContainEqual(expect.stringMatching(/\/bus\/src\/redis\/fleet\/publisher\.ts$/));
  expect(loaded).toContainEqual(expect.stringContaining('/node_modules/ioredis/'));
  expect(loaded.filter(ofZod)).toEqual([]);
});

it('the same look finds the schema library where it is loaded', async () => {
  const loaded = await modulesLoadedBy('@booner/bus/redis/fleet');
  expect(loaded.filter(ofZod).length).toBeGreaterThan(1);
});
