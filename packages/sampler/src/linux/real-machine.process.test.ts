import { execFile, spawn } from 'node:child_process';
import { availableParallelism, totalmem } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Measurements, measurementsSchema } from '@booner/protocol';
import { mayMount, mountHanging, readThreads } from '@booner/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSampler } from '../sampler.ts';

const SAMPLER = new URL('../sampler.ts', import.meta.url).href;

describe.runIf(process.platform === 'linux')('on this machine', () => {
  test('a sample has every part that Linux offers, and true values', async () => {
    await using sampler = await startSampler({}, { signal: AbortSignal.timeout(30_000) });
    await sleep(200, undefined); // an interval for the rates to be means over
    const measurements = await sampler.sample();
    expect(measurementsSchema.parse(measurements)).toEqual(measurements);
    expect(measurements.unavailable).toEqual({});
    expect(measurements.memory?.totalBytes).toBe(totalmem());
    expect(measurements.cpu?.cores.length).toBeGreaterThanOrEqual(availableParallelism());
    expect(measurements.uptimeSeconds).toBeGreaterThan(0);
    expect(measurements.processes?.total).toBeGreaterThan(1);
    const root = measurements.fileSystems?.find(({ mountPoint }) => mountPoint === '/');
    expect(root?.totalBytes).toBeGreaterThan(root?.usedBytes ?? Number.NaN);
    expect(measurements.network?.interfaces.map((entry) => entry.interface)).toContain('lo');
  });

  test('the sampler loads neither the schema library nor systeminformation', async () => {
    const script = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
      const { startSampler } = await import(${JSON.stringify(SAMPLER)});
      await using sampler = await startSampler({}, { signal: AbortSignal.timeout(30000) });
      const measurements = await sampler.sample();
      console.log(JSON.stringify({ loaded, memory: measurements.memory !== null }));
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    const { loaded, memory } = JSON.parse(stdout) as { loaded: string[]; memory: boolean };
    expect(memory).toBe(true);
    expect(loaded.some((url) => url.endsWith('/linux/cpu.ts'))).toBe(true);
    expect(loaded.filter((url) => /\/node_modules\/(zod|systeminformation)\//.test(url))).toEqual([]);
    expect(loaded.filter((url) => url.includes('/portable/'))).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux' && mayMount())('with two mounts that hang', () => {
  test('one thread waits, samples go on, and both are listed with the reason', async () => {
    using first = mountHanging();
    using second = mountHanging();
    const folders = [first.folder, second.folder];
    const script = `
      const { startSampler } = await import(${JSON.stringify(SAMPLER)});
      const sampler = await startSampler({}, { signal: AbortSignal.timeout(60000) });
      for (let count = 0; count < 12; count += 1) {
        await new Promise((resolve) => setTimeout(resolve, 250));
        const { fileSystems, unavailable } = await sampler.sample();
        console.log(JSON.stringify({ fileSystems, unavailable }));
      }
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    type Line = Pick<Measurements, 'fileSystems' | 'unavailable'>;
    const lines: Line[] = [];
    const threads: ReturnType<typeof readThreads>[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(JSON.parse(line));
      threads.push(readThreads(child.pid!));
      if (lines.length === 12) break;
    }
    for (const { unavailable, fileSystems } of lines) {
      expect(unavailable).toEqual({});
      expect(fileSystems?.find(({ mountPoint }) => mountPoint === '/')?.totalBytes).toBeGreaterThan(0);
    }
    const reasons = folders.map(
      (folder) => lines.at(-1)?.fileSystems?.find(({ mountPoint }) => mountPoint === folder)?.unavailable,
    );
    expect(reasons.toSorted()).toEqual([
      expect.stringMatching(/^no answer for \d s$/),
      expect.stringMatching(/^not asked, because .*booner-hung-.* does not answer$/),
    ]);
    expect(new Set(threads.map(({ waiting }) => waiting))).toEqual(new Set([1]));
    expect(new Set(threads.map(({ total }) => total)).size).toBe(1);
  });
});
