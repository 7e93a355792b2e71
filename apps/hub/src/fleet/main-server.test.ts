import { hostIdSchema, type Inventory } from '@booner/protocol';
import { expect, it } from 'vitest';
import { Fleet } from './fleet.ts';
import { MainServerState } from './main-server.ts';

const [HOST, OTHER] = [hostIdSchema.parse('10.0.0.2'), hostIdSchema.parse('10.0.0.3')];
const inventory: Inventory = {
  takenAtMs: 7,
  hostname: 'web-1',
  bootId: '8e0f8b8c-4d0e-4a55-8b8f-3b5d9f2f3f3a',
  cpu: null,
  memoryTotalBytes: null,
  gpus: [],
  os: { platform: 'linux', name: null, kernel: null, architecture: 'x64' },
  virtualization: null,
  label: null,
  labels: {},
  agentVersion: '0.1.0',
};

/** Returns the target that the main server is taken for, if an agent describes another machine. */
function hostOf(own: Partial<Inventory>, agents: Partial<Inventory>, { publishes = false } = {}) {
  const fleet = new Fleet({ intervalMs: 3000, now: () => ({ monotonicMs: 0, wallMs: 0 }) });
  const target = { sample: null, inventory: { ...inventory, ...agents } };
  fleet.onCatchUp(
    [
      { host: OTHER, sample: null, inventory: null },
      { host: HOST, ...target },
    ],
    new Map(),
  );
  const mainServer = new MainServerState();
  if (publishes) mainServer.publishAs(OTHER);
  mainServer.describe({ ...inventory, takenAtMs: 8, ...own });
  return mainServer.hostIn(fleet);
}

it('is the target that runs the same kernel since the same boot, under the same name', () => {
  expect(hostOf({}, {})).toBe(HOST);
  expect(hostOf({}, { bootId: 'ac0c6a7a-8f0b-4d2e-9d55-3d1c5d0a7b11' })).toBeNull();
  expect(hostOf({ hostname: 'a-container' }, {})).toBeNull();
});

it('is none that does not say when it booted, as older agents and other systems', () => {
  for (const bootId of [undefined, null]) expect(hostOf({ bootId }, { bootId })).toBeNull();
});

it('is the target that the hub itself publishes', () => {
  expect(hostOf({}, {}, { publishes: true })).toBe(OTHER);
  expect(hostOf({ bootId: null }, {}, { publishes: true })).toBe(OTHER);
});
