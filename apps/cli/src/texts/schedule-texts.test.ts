import { type Firing, rolloutIdSchema, type ShownSchedule, shownScheduleSchema } from '@booner/protocol';
import { expect, it } from 'vitest';
import { firingText, lastFiringText, nextLines, stateText, targetText } from './schedule-texts.ts';

const PLAIN = { style: (_style: unknown, text: string) => text };
const MINUTE_MS = 60_000;

const makeFiring = (more: Partial<Firing> = {}): Firing => ({
  ...{ dueAtMs: 0, atMs: 0, outcome: 'started', detail: null, status: 'completed', endedAtMs: 1 },
  ...{ rolloutId: rolloutIdSchema.parse('a'.repeat(21)), tookTooLong: false },
  ...more,
});

const makeSchedule = (more: object = {}): ShownSchedule =>
  shownScheduleSchema.parse({
    ...{ name: 'nightly', createdBy: null, credentialId: null, changedAtMs: 0, paused: null },
    ...{ queuedAtMs: null, firings: [], words: 'Every 1h', nextAtMs: [] },
    schedule: { every: '1h', action: 'backup', selector: 'role=db' },
    ...more,
  });

it.each<[Partial<Firing>, string]>([
  [{}, 'completed'],
  [{ status: null, endedAtMs: null }, 'started'],
  [{ status: 'waiting_for_approval', endedAtMs: null }, 'waiting for approval'],
  [{ status: 'failed', tookTooLong: true }, 'failed, took too long'],
  [{ status: 'running', endedAtMs: null, tookTooLong: true }, 'running, takes too long'],
  [{ outcome: 'quiet', status: null }, 'quiet hours'],
  [{ outcome: 'missed', status: null }, 'missed'],
  [{ outcome: 'refused', status: null }, 'refused'],
])('says what became of a firing: %o', (more, text) => {
  expect(firingText(makeFiring(more), PLAIN)).toBe(text);
});

it('says whether a schedule fires, on what, when, and how it last went', () => {
  const active = makeSchedule({ firings: [makeFiring()], nextAtMs: [10 * MINUTE_MS] });
  expect(stateText(active, PLAIN)).toBe('active');
  expect(targetText(active)).toBe('role=db');
  expect(lastFiringText(active, 5 * MINUTE_MS, PLAIN)).toBe('completed 5 min ago');
  expect(nextLines(active, 0)).toEqual([
    expect.stringMatching(/^Next times \(.+\):$/),
    expect.stringMatching(/^ {2}\d{4}-\d\d-\d\d [\d:]{8} {2}in 10 min$/),
  ]);

  const schedule = { at: '2026-12-01T22:00:00Z', action: 'backup', host: '10.0.0.2', enabled: false };
  const disabled = makeSchedule({ schedule });
  expect(stateText(disabled, PLAIN)).toBe('disabled');
  expect(targetText(disabled)).toBe('host=10.0.0.2');
  expect(lastFiringText(disabled, 0, PLAIN)).toBe('');
  expect(nextLines(disabled, 0)).toEqual(['Next times: none']);
  expect(stateText(makeSchedule({ paused: 'paused by ada' }), PLAIN)).toBe('paused by ada');
});
