import { expect, test } from 'vitest';
import { presentOutage } from './outage-table.ts';

const FIGURES = {
  hubNoticedMs: 5900,
  callEndedMs: 6100,
  agentNoticedMs: 9800,
  agentEndedMs: 4000,
  hubEndedMs: 300,
  rounds: 5,
};

test('each time has a goal', () => {
  const { rows, goals } = presentOutage(FIGURES, []);
  expect(rows.map(([, figure]) => figure)).toEqual(['5.9 s', '9.8 s', '6.1 s', '4.0 s', '0.3 s']);
  expect(goals.map(({ isMet }) => isMet)).toEqual([true, true, false, true, true]);
});

test('a part that failed has no figures', () => {
  expect(presentOutage(null, ['Redis did not start'])).toMatchObject({
    rows: [],
    goals: [],
    failures: ['Redis did not start'],
  });
});
