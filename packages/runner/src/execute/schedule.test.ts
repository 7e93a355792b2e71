import { newTaskId, type TaskId } from '@booner/protocol/task-id';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSchedule, type Slot } from './schedule.ts';

/** A schedule whose tasks are named by a word; the part before the `:` names the place that they need. */
function scheduleOf(concurrency: number, limits: Readonly<Record<string, number>>) {
  const ids = new Map<string, TaskId>();
  const names = new Map<TaskId, string>();
  const slotOf = (task: TaskId): Slot | null => {
    const key = names.get(task)?.split(':')[0] ?? '';
    const limit = limits[key];
    return limit === undefined ? null : { key, limit };
  };
  const schedule = createSchedule({ concurrency, slotOf });
  const idOf = (name: string): TaskId => {
    const id = ids.get(name) ?? newTaskId();
    ids.set(name, id);
    names.set(id, name);
    return id;
  };
  return {
    add: (name: string) => schedule.add(idOf(name)),
    release: (name: string) => schedule.release(idOf(name)),
    ready: () => schedule.takeReady().map((id) => names.get(id)),
    waiting: schedule.waiting,
  };
}

describe('the schedule', () => {
  it('lets a task that waits for its lock hold back no other', () => {
    const schedule = scheduleOf(4, { lock: 1, free: 2 });
    for (const name of ['lock:1', 'lock:2', 'free:1', 'free:2', 'free:3']) schedule.add(name);
    expect(schedule.ready()).toEqual(['lock:1', 'free:1', 'free:2']);
    schedule.release('lock:1');
    expect(schedule.ready()).toEqual(['lock:2']);
    schedule.release('free:2');
    expect(schedule.ready()).toEqual(['free:3']);
  });

  it('starts no more than the host may run, in the order in which they came', () => {
    const schedule = scheduleOf(2, { a: 9, b: 9 });
    for (const name of ['a:1', 'b:1', 'a:2', 'b:2']) schedule.add(name);
    expect(schedule.ready()).toEqual(['a:1', 'b:1']);
    schedule.release('b:1');
    expect(schedule.ready()).toEqual(['a:2']);
  });

  it('gives a task that needs no place its turn at once', () => {
    const schedule = scheduleOf(1, { a: 1 });
    for (const name of ['a:1', 'a:2', 'refused:1']) schedule.add(name);
    expect(schedule.ready()).toEqual(['a:1', 'refused:1']);
    schedule.release('refused:1');
    expect(schedule.ready()).toEqual([]);
  });

  it('knows a task once, whether it waits or has its place', () => {
    const schedule = scheduleOf(1, { a: 1 });
    expect([schedule.add('a:1'), schedule.add('a:1')]).toEqual([true, false]);
    schedule.ready();
    expect(schedule.add('a:1')).toBe(false);
    schedule.release('a:1');
    schedule.release('a:1');
    expect(schedule.add('a:1')).toBe(true);
    expect(schedule.ready()).toEqual(['a:1']);
  });

  it('never exceeds a limit, never reorders one key, and leaves nobody waiting for a free place', () => {
    const limits = { x: 1, y: 2, z: 3 };
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), key: fc.constantFrom('x', 'y', 'z', 'none') }),
      fc.record({ do: fc.constant('release' as const), which: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), (concurrency, steps) => {
        const schedule = scheduleOf(concurrency, limits);
        const running: string[] = [];
        const waiting: string[] = [];
        let count = 0;
        for (const each of steps) {
          if (each.do === 'add') {
            count += 1;
            const name = `${each.key}:${count}`;
            schedule.add(name);
            waiting.push(name);
          } else if (running.length > 0) {
            const [name = ''] = running.splice(each.which % running.length, 1);
            schedule.release(name);
          }
          for (const name of schedule.ready() as string[]) {
            const key = name.split(':')[0];
            expect(waiting.find((other) => other.startsWith(`${key}:`))).toBe(name);
            waiting.splice(waiting.indexOf(name), 1);
            running.push(name);
          }
          const held = running.filter((name) => !name.startsWith('none'));
          expect(held.length).toBeLessThanOrEqual(concurrency);
          const used = (key: string) => held.filter((name) => name.startsWith(key)).length;
          for (const [key, limit] of Object.entries(limits)) expect(used(key)).toBeLessThanOrEqual(limit);
          for (const name of waiting) {
            const key = name.split(':')[0] as keyof typeof limits;
            expect(held.length === concurrency || used(key) === limits[key]).toBe(true);
          }
          expect(schedule.waiting()).toBe(waiting.length);
        }
      }),
    );
  });
});
