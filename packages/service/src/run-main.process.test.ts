import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const RUN_MAIN = new URL('./run-main.ts', import.meta.url).href;
const ABORT = new URL('./abort.ts', import.meta.url).href;
const CONFIG = new URL('./config.ts', import.meta.url).href;

/** Runs a main function, given as source, in a process of its own. */
function startMain(body: string, options = '{}') {
  const script = `
    import { open } from 'node:fs/promises';
    import { aborted } from ${JSON.stringify(ABORT)};
    import { runMain, StartError } from ${JSON.stringify(RUN_MAIN)};
    import { ConfigError } from ${JSON.stringify(CONFIG)};
    await runMain(async ({ signal }) => { ${body} }, ${options});
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return { child, ready: once(child.stdout, 'data'), exited: once(child, 'exit'), stderr: () => stderr };
}

it('ends with 0 when main returns after SIGTERM', async () => {
  const { child, ready, exited } = startMain(`console.log('up'); await aborted(signal);`);
  await ready;
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});

it('ends although a thread is stuck in the kernel', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'booner-stuck-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]); // opening it waits for a writer that never comes
  const { child, ready, exited, stderr } = startMain(
    `void open(${JSON.stringify(fifo)}); console.log('up'); await aborted(signal);`,
  );
  await ready;
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(stderr()).toBe('');
});

it('cuts a main off that does not return within 5 s of the signal', async () => {
  const { child, ready, exited, stderr } = startMain(
    `console.log('up'); setInterval(() => {}, 1000); await new Promise(() => {});`,
  );
  await ready;
  child.kill('SIGTERM');
  expect(await exited).toEqual([1, null]);
  expect(stderr()).toMatch(/still busy/);
});

it('prints every problem of a configuration and ends with 78', async () => {
  const { exited, stderr } = startMain(`throw new ConfigError(['PORT: bad', 'HOST: bad']);`);
  expect(await exited).toEqual([78, null]);
  expect(stderr()).toBe('The configuration has problems:\n  - PORT: bad\n  - HOST: bad\n');
});

it('prints what an operator can fix as one sentence, and a defect with its stack', async () => {
  const fixable = startMain(`throw new StartError('Port 8000 is taken.');`);
  expect(await fixable.exited).toEqual([1, null]);
  expect(fixable.stderr()).toBe('Port 8000 is taken.\n');
  const defect = startMain(`throw new TypeError('oops');`);
  expect(await defect.exited).toEqual([1, null]);
  expect(defect.stderr()).toMatch(/TypeError: oops\n\s+at /);
});

it('waits for a main that may take its time, until a second signal', async () => {
  const { child, ready, exited, stderr } = startMain(
    `console.log('up'); setInterval(() => {}, 1000); await aborted(signal); console.error('stopping'); await new Promise(() => {});`,
    '{ stopDeadlineMs: null }',
  );
  await ready;
  const stopping = once(child.stderr, 'data');
  child.kill('SIGTERM');
  await stopping;
  child.kill('SIGTERM');
  expect(await exited).toEqual([143, null]);
  expect(stderr()).toBe('stopping\n');
});
