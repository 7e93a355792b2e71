import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slotOf } from '../catalogue/slot.ts';
import { makeAction } from '../testing/action-factory.ts';
import { selectReady } from './schedule.ts';

/** A queued task, named by its key and a number; the key `none` needs no place. */
const queued = (name: string, limits: Readonly<Record<string, number>>) => {
  const [key = ''] = name.split(':');
  const limit = limits[key];
  return { name, slot: limit === undefined ? null : { key, limit } };
};

function readyOf(
  names: readonly string[],
  {
    limits,
    held = [],
    concurrency = 4,
  }: { limits: Readonly<Record<string, number>>; held?: readonly string[]; concurrency?: number },
): string[] {
  const queue = names.map((name) => queued(name, limits));
  return selectReady(queue, { held, concurrency }).map(({ name }) => name);
}

describe('the schedule', () => {
  it('lets a task that waits for its lock hold back no other', () => {
    const limits = { lock: 1, free: 2 };
    const names = ['lock:1', 'lock:2', 'free:1', 'free:2', 'free:3'];
    expect(readyOf(names, { limits })).toEqual(['lock:1', 'free:1', 'free:2']);
    expect(readyOf(['lock:2', 'free:3'], { limits, held: ['free', 'free'] })).toEqual(['lock:2']);
  });

  it('selects no more than the host may run, in the order of the queue', () => {
    const limits = { a: 9, b: 9 };
    expect(readyOf(['a:1', 'b:1', 'a:2'], { limits, concurrency: 2 })).toEqual(['a:1', 'b:1']);
    expect(readyOf(['a:2', 'b:2'], { limits, concurrency: 2, held: ['a'] })).toEqual(['a:2']);
  });

  it('selects a task that needs no place at once', () => {
    expect(readyOf(['a:1', 'none:1'], { limits: { a: 1 }, concurrency: 1, held: ['a'] })).toEqual(['none:1']);
  });

  it('gives the actions of a lock one slot together, and any other action its own', () => {
    expect(slotOf(makeAction({ name: 'deploy', concurrency: 3 }))).toEqual({
      key: 'action deploy',
      limit: 3,
    });
    expect(slotOf(makeAction({ name: 'deploy', lock: 'site' }))).toEqual({ key: 'lock site', limit: 1 });
  });

  it('never exceeds a limit, never reorders one key, and leaves no task waiting for a free place', () => {
    const limits: Readonly<Record<string, number>> = { x: 1, y: 2, z: 3 };
    const keys = fc.constantFrom('x', 'y', 'z', 'none');
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(keys, { maxLength: 20 }),
        fc.array(fc.constantFrom('x', 'y', 'z'), { maxLength: 6 }),
        (concurrency, waiting, runs) => {
          const held: string[] = [];
          for (const key of runs) {
            const count = held.filter((other) => other === key).length;
            if (held.length < concurrency && count < (limits[key] ?? 0)) held.push(key);
          }
          const names = waiting.map((key, index) => `${key}:${index}`);
          const ready = readyOf(names, { limits, held, concurrency });
          const taken = [...held, ...ready.map((name) => name.split(':')[0]).filter((key) => key !== 'none')];
          const used = (key = '') => taken.filter((other) => other === key).length;
          expect(taken.length).toBeLessThanOrEqual(concurrency);
          for (const [key, limit] of Object.entries(limits)) expect(used(key)).toBeLessThanOrEqual(limit);
          for (const key of Object.keys(limits)) {
            const ofKey = (list: readonly string[]) => list.filter((name) => name.startsWith(`${key}:`));
            expect(ofKey(ready)).toEqual(ofKey(names).slice(0, ofKey(ready).length));
          }
          for (const name of names.filter((each) => !ready.includes(each))) {
            const [key = ''] = name.split(':');
            expect(taken.length === concurrency || used(key) === limits[key]).toBe(true);
          }
        },
      ),
    );
  });
});
