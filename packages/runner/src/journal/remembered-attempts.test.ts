import type { Outcome } from '@booner/protocol';
import { type AttemptToken, newAttemptToken, newTaskId, type TaskId } from '@booner/protocol/task-id';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JournalEntry, journalLine, parseJournal } from './journal-entry.ts';
import { rememberAttempts } from './remembered-attempts.ts';

const INSTANCE = 'aaaaaaaaaaaa.bbbbbbbbbbbb';
const outcome: Outcome = { status: 'failed', result: null, error: 'exit code 3' };
const MINUTE_MS = 60_000;

function attemptOf(task: TaskId = newTaskId(), attempt: AttemptToken = newAttemptToken()) {
  const about = { task, attempt };
  return {
    ...about,
    started: (atMs = 0): JournalEntry => ({
      type: 'started',
      ...about,
      atMs,
      instance: INSTANCE,
      action: 'a',
      idempotent: false,
      number: 2,
    }),
    ended: (atMs = 0): JournalEntry => ({
      type: 'ended',
      ...about,
      atMs,
      instance: INSTANCE,
      outcome,
      logLines: 2,
    }),
    settled: (atMs = 0): JournalEntry => ({ type: 'settled', ...about, atMs }),
  };
}

/** The parts that an executor reads. */
const picture = (attempts: ReturnType<typeof rememberAttempts>, tasks: readonly TaskId[]) => ({
  running: new Set(attempts.running().map(({ attempt }) => attempt)),
  unsettled: new Set(attempts.unsettled().map(({ attempt }) => attempt)),
  starts: tasks.map((task) => attempts.startsOf(task)),
  ends: tasks.map((task) => attempts.endOf(task)?.attempt ?? null),
});

describe('the remembered attempts', () => {
  it('list the running, the ended and the settled attempts', () => {
    const [a, b, c] = [attemptOf(), attemptOf(), attemptOf()];
    const attempts = rememberAttempts([
      a.started(),
      b.started(),
      c.started(),
      b.ended(),
      c.ended(),
      c.settled(),
    ]);
    expect(picture(attempts, [a.task, b.task, c.task])).toEqual({
      running: new Set([a.attempt]),
      unsettled: new Set([b.attempt]),
      starts: [0, 0, 0],
      ends: [null, b.attempt, c.attempt],
    });
  });

  it('include settled tasks for ten minutes, and no more than 200', () => {
    const old = attemptOf();
    const attempts = rememberAttempts([old.started(), old.ended(), old.settled(0)]);
    for (let count = 0; count < 250; count += 1) {
      const next = attemptOf();
      for (const entry of [next.started(), next.ended(), next.settled(11 * MINUTE_MS)]) attempts.apply(entry);
    }
    expect(attempts.endOf(old.task)).toBeNull();
    expect(attempts.compacted(11 * MINUTE_MS).length).toBe(2 * 200);
    expect(attempts.compacted(30 * MINUTE_MS)).toEqual([]);
  });

  it('include the starts of a task that may start again, until it does', () => {
    const first = attemptOf();
    const attempts = rememberAttempts([first.started(), first.settled()]);
    expect(attempts.startsOf(first.task)).toBe(2);
    expect(rememberAttempts(attempts.compacted(60 * MINUTE_MS)).startsOf(first.task)).toBe(2);
    attempts.apply(attemptOf(first.task).started());
    expect(attempts.startsOf(first.task)).toBe(0);
  });

  it('include the starts of no more than 200 tasks', () => {
    const all = Array.from({ length: 250 }, () => attemptOf());
    const attempts = rememberAttempts(all.flatMap((each) => [each.started(), each.settled()]));
    expect(all.filter(({ task }) => attempts.startsOf(task) > 0)).toEqual(all.slice(50));
  });

  it('are the same after a compaction, at any point of any history', () => {
    const pool = Array.from({ length: 6 }, (_, index) =>
      attemptOf(index % 2 === 0 ? undefined : newTaskId()),
    );
    const tasks = pool.map(({ task }) => task);
    const steps = fc.array(
      fc.tuple(fc.nat(5), fc.constantFrom('started' as const, 'ended' as const, 'settled' as const)),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(steps, fc.nat(30), (history, cutAfter) => {
        const entries = history.map(([which, what]) =>
          (pool[which] as (typeof pool)[number])[what](MINUTE_MS),
        );
        const whole = rememberAttempts(entries);
        const before = rememberAttempts(entries.slice(0, cutAfter)).compacted(MINUTE_MS);
        const reread = parseJournal(before.map(journalLine).join(''));
        expect(reread.unreadable).toBe(0);
        const compacted = rememberAttempts([...reread.entries, ...entries.slice(cutAfter)]);
        expect(picture(compacted, tasks)).toEqual(picture(whole, tasks));
      }),
    );
  });
});

describe('parseJournal', () => {
  it('reads every whole line of a journal that was torn at any byte', () => {
    const one = attemptOf();
    const lines = [one.started(), one.ended(), one.settled()].map(journalLine);
    const text = lines.join('');
    for (let length = 0; length <= text.length; length += 1) {
      const { entries, unreadable } = parseJournal(text.slice(0, length));
      const ends = lines.map((_, index) => lines.slice(0, index + 1).join('').length);
      // A line is whole without its line break.
      expect(entries.length).toBe(ends.filter((end) => end - 1 <= length).length);
      expect(unreadable).toBe(
        length === 0 || ends.some((end) => end === length || end - 1 === length) ? 0 : 1,
      );
    }
  });

  it('counts unreadable lines, and parses the rest', () => {
    const one = attemptOf();
    const text = `${journalLine(one.started())}garbage\n{"type":"ended"}\nnull\n${journalLine(one.settled())}`;
    expect(parseJournal(text)).toMatchObject({
      unreadable: 3,
      entries: [{ type: 'started' }, { type: 'settled' }],
    });
  });
});
