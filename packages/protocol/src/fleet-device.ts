import { parseRolloutId, type RolloutId } from './rollout-id.ts';

/** Subject of an alert without a host. */
export type FleetDevice =
  | { readonly type: 'rollout'; readonly action: string; readonly id: RolloutId; readonly batch?: number }
  | { readonly type: 'schedule'; readonly name: string };

/** Returns the device of an alert about a rollout or a schedule, as people read it. */
export function fleetDeviceText(device: FleetDevice): string {
  if (device.type === 'schedule') return device.name;
  const { action, id, batch } = device;
  return batch === undefined ? `${action} ${id}` : `${action} ${id} batch ${batch}`;
}

/** Parses what {@link fleetDeviceText} returned. `null`: it is about something else. */
export function parseFleetDevice(text: string): FleetDevice | null {
  const [first = '', second, , batch] = text.split(' ');
  if (second === undefined) return { type: 'schedule', name: first };
  const id = parseRolloutId(second);
  if (id === null) return null;
  return { type: 'rollout', action: first, id, ...(batch !== undefined && { batch: Number(batch) }) };
}
