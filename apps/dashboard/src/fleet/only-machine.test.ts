import { hostIdSchema, type MainServer } from '@booner/protocol';
import { expect, it } from 'vitest';
import { fakeTarget } from '../testing/fake-target.ts';
import { onlyMachine } from './only-machine.ts';

const mainServer = (host: string | null): MainServer => ({
  host: host === null ? null : hostIdSchema.parse(host),
  inventory: null,
  measurements: null,
});
const target = fakeTarget('box');

it('is the only target, if the hub says that it is the main server too', () => {
  expect(onlyMachine([target], mainServer('box'))).toBe('box');
  expect(onlyMachine([target], mainServer('other'))).toBeNull();
  expect(onlyMachine([target], mainServer(null))).toBeNull();
  expect(onlyMachine([target], { inventory: null, measurements: null })).toBeNull(); // an older hub
  expect(onlyMachine([target], null)).toBeNull();
});

it('is none of several targets, and none that is not active', () => {
  expect(onlyMachine([target, fakeTarget('b')], mainServer('box'))).toBeNull();
  expect(onlyMachine([{ ...target, status: 'offline' }], mainServer('box'))).toBeNull();
});
