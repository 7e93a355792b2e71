import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFileLimit } from '../measure/process-usage.ts';
import { startWorker } from './worker.ts';

type TestContract = {
  double: { request: { value: number }; reply: { value: number } };
  fail: { request: null; reply: null };
  hang: { request: null; reply: null };
  exit: { request: null; reply: null };
};

const SCRIPT = `
  import { serveRequests } from ${JSON.stringify(new URL('worker.ts', import.meta.url).href)};
  serveRequests({
    double: async ({ value }) => ({ value: value * 2 }),
    fail: () => { throw new Error('no such thing'); },
    hang: () => new Promise(() => {}),
    exit: () => process.exit(3),
  });
`;

let folder: string;
const start = () => startWorker<TestContract>('the worker', pathToFileURL(join(folder, 'script.mjs')));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'booner-bench-'));
  await writeFile(join(folder, 'script.mjs'), SCRIPT);
});
afterAll(() => rm(folder, { recursive: true }));

test('a worker answers each request with its own reply', async () => {
  await using worker = await start();
  const replies = await Promise.all([1, 2, 3].map((value) => worker.request('double', { value }, 10_000)));
  expect(replies).toEqual([{ value: 2 }, { value: 4 }, { value: 6 }]);
});

test('an error of a worker is returned with its name, and the worker survives', async () => {
  await using worker = await start();
  await expect(worker.request('fail', null, 10_000)).rejects.toThrow('the worker: no such thing');
  expect(await worker.request('double', { value: 4 }, 10_000)).toEqual({ value: 8 });
});

test('a request that is not answered ends at its deadline', async () => {
  await using worker = await start();
  await worker.request('double', { value: 1 }, 10_000);
  await expect(worker.request('hang', null, 50)).rejects.toThrow('did not answer "hang" within 0.05 s');
});

test('the end of a worker rejects the requests under way and those that come later', async () => {
  await using worker = await start();
  await expect(worker.request('exit', null, 10_000)).rejects.toThrow('"the worker" ended with exit code 3');
  await expect(worker.request('double', { value: 1 }, 10_000)).rejects.toThrow('ended with exit code 3');
});

test('a worker may have at least as many files open as this process, and is gone when it is disposed of', async () => {
  const worker = await start();
  await worker.request('double', { value: 1 }, 10_000);
  expect(openFileLimit(worker.pid)).toBeGreaterThanOrEqual(openFileLimit(process.pid));
  await worker[Symbol.asyncDispose]();
  expect(() => process.kill(worker.pid, 0)).toThrow('ESRCH');
});
