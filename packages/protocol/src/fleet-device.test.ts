import { expect, it } from 'vitest';
import { type FleetDevice, fleetDeviceText, parseFleetDevice } from './fleet-device.ts';
import { parseRolloutId } from './rollout-id.ts';

const id = parseRolloutId('V1StGXR8_Z5jdHi6B-myT')!;

it.each<[FleetDevice, string]>([
  [{ type: 'rollout', action: 'web.deploy', id }, `web.deploy ${id}`],
  [{ type: 'rollout', action: 'schedule', id, batch: 3 }, `schedule ${id} batch 3`],
  [{ type: 'schedule', name: 'nightly-backup' }, 'nightly-backup'],
])('is read back from its text %#', (device, text) => {
  expect(fleetDeviceText(device)).toBe(text);
  expect(parseFleetDevice(text)).toEqual(device);
});

it('is nothing for other texts', () => {
  expect(parseFleetDevice('web.deploy of something')).toBeNull();
});
