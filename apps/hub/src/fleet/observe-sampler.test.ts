import { type Measurements, NOTHING_MEASURED } from '@booner/protocol';
import { expect, it } from 'vitest';
import { observe } from './observe-sampler.ts';

it('gives each measurement to every observer and to the caller', async () => {
  let uptimeSeconds = 0;
  const seen: [string, number | null][] = [];
  const note = (name: string) => (measurements: Measurements) =>
    void seen.push([name, measurements.uptimeSeconds]);
  const sampler = observe({ sample: async () => ({ ...NOTHING_MEASURED, uptimeSeconds: ++uptimeSeconds }) }, [
    note('main server'),
    note('history'),
  ]);
  expect((await sampler.sample()).uptimeSeconds).toBe(1);
  expect((await sampler.sample()).uptimeSeconds).toBe(2);
  expect(seen).toEqual([
    ['main server', 1],
    ['history', 1],
    ['main server', 2],
    ['history', 2],
  ]);
});
