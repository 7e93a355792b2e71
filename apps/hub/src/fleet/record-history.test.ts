import { hostIdSchema, type Measurements, NOTHING_MEASURED, type Sample } from '@booner/protocol';
import { createLogger } from '@booner/service';
import { expect, it } from 'vitest';
import { Fleet } from './fleet.ts';
import { recordHeard, recordMainServer } from './record-history.ts';
import { fleetListener } from './watch-fleet.ts';

const HOST = hostIdSchema.parse('10.0.0.2');

/** Takes down what would be recorded. */
function startRecording() {
  const recorded: [string, number | null, number][] = [];
  const record = (subject: string, { uptimeSeconds }: Measurements, intervalMs: number) => {
    recorded.push([subject, uptimeSeconds, intervalMs]);
  };
  return { recorded, history: { record } };
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
  const { recorded, history } = startRecording();
  const fleet = new Fleet({ intervalMs: 3000, now: () => ({ monotonicMs: 1000, wallMs: 1000 }) });
  const log = await createLogger({ name: 'test', level: 'silent' });
  const listener = recordHeard(history, fleet, fleetListener(fleet, log));
  const hear = (sample: Sample) => listener.onSample(sample, JSON.stringify(sample));
  return { recorded, fleet, listener, hear };
}

it('records what is heard live, and nothing that was stored', async () => {
  const { recorded, fleet, listener, hear } = await startListener();
  listener.onCatchUp([{ host: HOST, sample: sampleOf(1), inventory: null }], new Map());
  expect(recorded).toEqual([]);
  hear(sampleOf(2));
  hear(sampleOf(3));
  expect(recorded).toEqual([
    [HOST, 2, 3000],
    [HOST, 3, 3000],
  ]);
  expect(fleet.get(HOST)?.figures?.uptimeSeconds).toBe(3);
});

it('records what is heard of a target before it is shown', async () => {
  const { recorded, fleet, hear } = await startListener();
  hear({ ...sampleOf(2), inventoryTakenAtMs: 1 });
  expect(fleet.get(HOST)).toBeNull();
  expect(recorded).toEqual([[HOST, 2, 3000]]);
});

it('records the agent that is shown when two claim a host', async () => {
  const { recorded, fleet, hear } = await startListener();
  hear(sampleOf(1, 'a'));
  hear(sampleOf(2, 'b'));
  for (let i = 0; i < 3; i++) {
    hear(sampleOf(10 + i, 'a'));
    hear(sampleOf(20 + i, 'b'));
  }
  expect(fleet.get(HOST)?.conflicting).not.toBeNull();
  expect(recorded.slice(2).map(([, uptimeSeconds]) => uptimeSeconds)).toEqual([10, 11, 12]);
});

it('records each measurement of the main server', async () => {
  const { recorded, history } = startRecording();
  const sampler = recordMainServer(history, 5000, {
    sample: async () => ({ ...NOTHING_MEASURED, uptimeSeconds: 7 }),
  });
  expect((await sampler.sample()).uptimeSeconds).toBe(7);
  expect(recorded).toEqual([['main server', 7, 5000]]);
});
