import { hostIdSchema, NOTHING_MEASURED, type Sample } from '@booner/protocol';
import { createLogger } from '@booner/service';
import { expect, it } from 'vitest';
import { Fleet } from './fleet.ts';
import type { Measured } from './measured.ts';
import { fleetListener } from './watch-fleet.ts';

const HOST = hostIdSchema.parse('10.0.0.2');

function startRecording() {
  const recorded: [string, number | null, number][] = [];
  const onMeasured = ({ subject, measurements, intervalMs }: Measured) => {
    recorded.push([subject, measurements.uptimeSeconds, intervalMs]);
  };
  return { recorded, observer: { onMeasured } };
}

const sampleOf = (sequence: number, instance = 'a'): Sample => ({
  ...NOTHING_MEASURED,
  uptimeSeconds: sequence,
  type: 'sample',
  host: HOST,
  instance,
  sequence,
  sampledAtMs: 1_700_000_000_000,
  inventoryTakenAtMs: null,
  intervalMs: 3000,
});

async function startListener() {
  const { recorded, observer } = startRecording();
  const fleet = new Fleet({ intervalMs: 3000, now: () => ({ monotonicMs: 1000, wallMs: 1000 }) });
  const log = await createLogger({ name: 'test', level: 'silent' });
  const listener = fleetListener({ fleet, observer, onFlood: () => {}, log });
  const receive = (sample: Sample) => listener.onSample(sample, JSON.stringify(sample));
  return { recorded, fleet, listener, receive };
}

it('records live samples and no stored ones', async () => {
  const { recorded, fleet, listener, receive } = await startListener();
  listener.onCatchUp([{ host: HOST, sample: sampleOf(1), inventory: null }], new Map());
  expect(recorded).toEqual([]);
  receive(sampleOf(2));
  receive(sampleOf(3));
  expect(recorded).toEqual([
    [HOST, 2, 3000],
    [HOST, 3, 3000],
  ]);
  expect(fleet.get(HOST)?.figures?.uptimeSeconds).toBe(3);
});

it('records a sample that is held until its inventory is known', async () => {
  const { recorded, fleet, receive } = await startListener();
  receive({ ...sampleOf(2), inventoryTakenAtMs: 1 });
  expect(fleet.get(HOST)).toBeNull();
  expect(recorded).toEqual([[HOST, 2, 3000]]);
});

it('records only the agent that is shown when two claim a host', async () => {
  const { recorded, fleet, receive } = await startListener();
  receive(sampleOf(1, 'a'));
  receive(sampleOf(2, 'b'));
  for (let i = 0; i < 3; i++) {
    receive(sampleOf(10 + i, 'a'));
    receive(sampleOf(20 + i, 'b'));
  }
  expect(fleet.get(HOST)?.conflicting).not.toBeNull();
  expect(recorded.slice(2).map(([, uptimeSeconds]) => uptimeSeconds)).toEqual([10, 11, 12]);
});
