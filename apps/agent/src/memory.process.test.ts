import { readFile } from 'node:fs/promises';
import { eventually, type RedisServer, startProcess, startRedis } from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SoakOptions, type SoakReading, soak } from './testing/soak.ts';
import { startAgentProcess, startListening } from './testing/test-agent.ts';

const MIB = 2 ** 20;
let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis[Symbol.asyncDispose]());

/** Runs some code as a program beside this file. */
async function evaluate(code: string, ...options: readonly string[]): Promise<string> {
  await using child = await startProcess({
    command: process.execPath,
    args: [...options, '--input-type=module', '--eval', code],
    cwd: import.meta.dirname,
  });
  const { code: status } = await child.exited;
  expect(status, child.lines.stderr.join('\n')).toBe(0);
  return child.lines.stdout.join('\n');
}

const READINGS = 16;

async function soakFor(options: Partial<SoakOptions>): Promise<SoakReading[]> {
  const all: SoakOptions = {
    redisUrl: redis.url,
    intervalMs: 2,
    readings: READINGS,
    samplesPerReading: 300,
    leakBytes: 0,
    ...options,
  };
  const code = `const module = await import('./testing/soak.ts');
    console.log(JSON.stringify(await module.${soak.name}(${JSON.stringify(all)})));`;
  return JSON.parse(await evaluate(code, '--expose-gc'));
}

/**
 * Returns the growth after the warm-up in bytes per sample: the slope of the least-squares line
 * through the later readings.
 */
function growth(readings: readonly SoakReading[], of: 'heapBytes' | 'anonymousBytes'): number {
  const points = readings.slice(4);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = mean(points.map(({ samples }) => samples));
  const y = mean(points.map((point) => point[of]));
  const covariance = mean(points.map((point) => (point.samples - x) * (point[of] - y)));
  return covariance / mean(points.map(({ samples }) => (samples - x) ** 2));
}

describe.skipIf(process.platform !== 'linux')('the memory of the agent', () => {
  // At 3 s a week has 201,600 samples: 60 bytes a sample would be 12 MB.
  const TOLERATED_HEAP_BYTES = 60;
  const TOLERATED_ANONYMOUS_BYTES = 400; // pages and malloc arenas are coarser

  it('does not grow over thousands of samples', async () => {
    const readings = await soakFor({});
    expect(readings).toHaveLength(READINGS);
    expect(growth(readings, 'heapBytes'), JSON.stringify(readings)).toBeLessThan(TOLERATED_HEAP_BYTES);
    expect(growth(readings, 'anonymousBytes'), JSON.stringify(readings)).toBeLessThan(
      TOLERATED_ANONYMOUS_BYTES,
    );
  });

  it('would be seen to grow if each sample left something behind', async () => {
    const readings = await soakFor({ samplesPerReading: 100, leakBytes: 2000 });
    expect(growth(readings, 'heapBytes')).toBeGreaterThan(10 * TOLERATED_HEAP_BYTES);
    expect(growth(readings, 'anonymousBytes')).toBeGreaterThan(TOLERATED_ANONYMOUS_BYTES);
  });

  it('is below 25 MiB of its own once the start is over, in a process of lean options', async () => {
    await using listening = await startListening(redis.url);
    await using agent = await startAgentProcess({ env: { REDIS_URL: redis.url, BOONER_INTERVAL_MS: '500' } });
    await eventually(() => (listening.received.samples.at(-1)?.sequence ?? 0) >= 25, {
      what: '25 samples, 12 s after the start',
    });
    expect(await readFile(`/proc/${agent.pid}/cmdline`, 'utf8')).toContain('--no-opt');
    const status = await readFile(`/proc/${agent.pid}/status`, 'utf8');
    expect(Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024).toBeLessThan(25 * MIB);
  });

  it('holds no schema library, no terminal printer and no systeminformation', async () => {
    const recordAndImport = `
      import { registerHooks } from 'node:module';
      registerHooks({ load(url, context, nextLoad) { console.log(url); return nextLoad(url, context); } });
      await import('./command.ts');
    `;
    const loaded = (await evaluate(recordAndImport)).split('\n');
    expect(loaded).toContainEqual(expect.stringContaining('/node_modules/ioredis/'));
    expect(loaded).toContainEqual(expect.stringMatching(/\/agent\/src\/agent\.ts$/));
    const unwanted = /\/node_modules\/(zod|pino-pretty|systeminformation)\/|\/protocol\/src\/index\.ts$/;
    expect(loaded.filter((url) => unwanted.test(url))).toEqual([]);
  });
});
