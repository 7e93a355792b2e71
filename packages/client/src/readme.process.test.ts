import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startHub, startProcess } from '@booner/testkit';
import { expect, it } from 'vitest';

const PACKAGE = join(import.meta.dirname, '..');

it('shows an example in its README that works', async () => {
  const example = join(PACKAGE, 'examples/watch.ts');
  expect(await readFile(join(PACKAGE, 'README.md'), 'utf8')).toContain(await readFile(example, 'utf8'));
  await using hub = await startHub({ env: { BOONER_INTERVAL_MS: '500' } });
  await using child = await startProcess({ command: process.execPath, args: [example, hub.url] });
  expect(await child.exited).toEqual({ code: 0, signal: null });
  const { stdout, stderr } = child.lines;
  expect(stderr).toEqual([]);
  expect(stdout.join('\n')).toMatch(/^\[live: the WebSocket is open\] 127\.0\.0\.1 is active, CPU \d+ %$/m);
  expect(stdout.at(-1)).toMatch(/^completed \{/);
});
