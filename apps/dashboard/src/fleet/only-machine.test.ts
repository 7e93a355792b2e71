import type { MainServer } from '@booner/protocol';
import { expect, it } from 'vitest';
import { fakeTarget } from '../testing/fake-target.ts';
import { onlyMachine } from './only-machine.ts';

const mainServer = (uptimeSeconds: number, totalBytes: number) =>
  ({ inventory: null, measurements: { uptimeSeconds, memory: { totalBytes } } }) as MainServer;
const target = fakeTarget('box', { uptimeSeconds: 60, memoryTotalBytes: 8, lastSeenAtMs: 10_000 });

it('is the only target, if it is the main server too', () => {
  expect(onlyMachine([target], mainServer(64, 8), 12_000)).toBe('box');
  expect(onlyMachine([target], mainServer(6400, 8), 12_000)).toBeNull();
  expect(onlyMachine([target], mainServer(64, 9), 12_000)).toBeNull();
  expect(onlyMachine([target], null, 12_000)).toBeNull();
});

it('is none of several targets, and none that is not active', () => {
  expect(onlyMachine([target, fakeTarget('b')], mainServer(64, 8), 12_000)).toBeNull();
  expect(onlyMachine([{ ...target, status: 'offline' }], mainServer(64, 8), 12_000)).toBeNull();
});
