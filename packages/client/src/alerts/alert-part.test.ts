import { ALERT_SETTINGS, type AlertPage, type Cursor } from '@booner/protocol';
import { makeAlert } from '@booner/testkit/make-alert';
import { expect, it } from 'vitest';
import { STOPPED } from '../connection/machine.ts';
import type { Stream } from '../connection/stream-link.ts';
import { createStore } from '../store/store.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createDemand } from '../time/demand.ts';
import { createAlertPart } from './alert-part.ts';

function startPart() {
  const clock = createFakeClock();
  const steps: string[] = [];
  const streams: Stream[] = [];
  const { part, close } = createAlertPart({
    requests: { listAlerts: async (): Promise<AlertPage> => Promise.reject(new Error('no answer')) },
    url: () => 'ws://hub',
    intervalMs: () => 3000,
    clock,
    connect(stream) {
      streams.push(stream);
      const demand = createDemand({
        clock,
        lingerMs: 0,
        start: () => steps.push('start'),
        stop: () => steps.push('stop'),
      });
      return { connection: createStore(STOPPED.state), demand };
    },
  });
  const receive = (message: object) => streams[0]?.receive(message as { type: string });
  return { part, close, clock, steps, receive };
}

const cursor = '5-0' as Cursor;

it('is connected while anything watches, and stays so for those that remain', () => {
  const { part, steps, clock, close } = startPart();
  expect(part.alerts.getSnapshot()).toMatchObject({ isLoaded: false, bus: 'connecting' });
  const leave = [
    part.onAlertSettings(() => {}),
    part.alerts.subscribe(() => {}),
    part.onAlertChange(() => {}),
  ];
  for (const each of leave.slice(1)) each();
  clock.pass(60_000);
  expect(steps).toEqual(['start']);
  leave[0]?.();
  clock.pass(60_000);
  expect(steps).toEqual(['start', 'stop']);
  close();
});

it('renders many changes once, and reports each', () => {
  const { part, clock, receive, close } = startPart();
  const ids: (string | undefined)[] = [];
  let drawn = 0;
  part.onAlertChange(({ alert }) => ids.push(alert?.id));
  receive({ type: 'snapshot', cursor, bus: 'connected', alerts: [makeAlert('a')] });
  expect(part.alerts.getSnapshot()).toMatchObject({ isLoaded: true, bus: 'connected' });
  part.alerts.subscribe(() => drawn++);
  for (let n = 0; n < 10; n++) {
    receive({ type: 'event', cursor: `${6 + n}-0`, alerts: [makeAlert(`${n}`, { startedAtMs: n })] });
  }
  expect(drawn).toBe(0);
  clock.pass(50);
  expect(drawn).toBe(1);
  expect([...part.alerts.getSnapshot().alerts.keys()].slice(0, 3)).toEqual(['a', '9', '8']);
  expect(ids).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  close();
});

it('reports every kind of settings after a snapshot, and then those that change', () => {
  const { part, receive, close } = startPart();
  const kinds: string[] = [];
  part.onAlertSettings((kind) => kinds.push(kind));
  receive({ type: 'snapshot', cursor, bus: 'connected', alerts: [] });
  expect(kinds).toEqual([...ALERT_SETTINGS]);
  receive({ type: 'settings', cursor: '6-0', kind: 'silences' });
  expect(kinds.slice(ALERT_SETTINGS.length)).toEqual(['silences']);
  close();
});
