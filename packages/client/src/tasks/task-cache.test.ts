import type { Cursor, HostId, Task, TaskEvent, TaskId } from '@booner/protocol';
import { makeTask } from '@booner/testkit/make-task';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TaskCache } from './task-cache.ts';

const makeEvent = (
  kind: TaskEvent['kind'],
  task: Partial<Task> & Pick<Task, 'id' | 'version' | 'status'>,
): TaskEvent => ({
  type: 'event',
  cursor: `${task.version}-0` as Cursor,
  kind,
  task: { host: '10.0.0.2' as HostId, ...task },
});

describe('a cache of tasks', () => {
  it('takes each change once, in order, and keeps what did not change', () => {
    const cache = new TaskCache();
    const first = makeTask('a');
    const other = makeTask('b');
    cache.takeAll([first, other], 'all');
    const before = cache.tasks;
    const started = makeEvent('started', { id: first.id, version: 2, status: 'running', attempt: 1 });
    expect(cache.takeEvent(started)).toMatchObject({
      task: { version: 2, status: 'running' },
      previous: { version: 1 },
    });
    expect(cache.takeEvent(started)).toBe('known');
    expect(cache.tasks).not.toBe(before);
    expect(cache.tasks.get(other.id)).toBe(before.get(other.id));
    expect(cache.tasks.get(first.id)!.params).toBe(before.get(first.id)!.params);
    const same = cache.tasks;
    expect(cache.takeAll([makeTask('a'), makeTask('b')], 'all')).toEqual([]); // an older snapshot
    expect(cache.tasks).toBe(same);
  });

  it('says when something is missing', () => {
    const cache = new TaskCache();
    cache.takeAll([makeTask('a')], 'all');
    const unknown = makeEvent('progress', { id: 'b' as TaskId, version: 5, status: 'running' });
    expect(cache.takeEvent(unknown)).toBe('gap');
    expect(cache.takeEvent(makeEvent('ended', { id: 'a' as TaskId, version: 3, status: 'failed' }))).toBe(
      'gap',
    );
    expect(cache.takeEvent(makeEvent('created', makeTask('b')))).toMatchObject({ previous: null });
  });

  it('forgets what a picture says that the hub has forgotten', () => {
    const tasks = [makeTask('open'), makeTask('ended', { status: 'completed', endedAtMs: 5 })];
    for (const [forget, left] of [
      ['all', []],
      ['open', ['ended']],
      ['none', ['open', 'ended']],
    ] as const) {
      const cache = new TaskCache();
      cache.takeAll(tasks, 'all');
      cache.takeAll([], forget);
      expect([...cache.tasks.keys()]).toEqual(left);
    }
  });

  it('keeps the 500 tasks that ended last, and every one that has not ended', () => {
    const cache = new TaskCache();
    const ended = Array.from({ length: 600 }, (_, n) =>
      makeTask(`ended${n}`, { status: 'completed', endedAtMs: n, version: 3 }),
    );
    cache.takeAll([makeTask('open'), ...ended], 'all');
    expect(cache.tasks.size).toBe(501);
    expect(cache.find('open')).toBeDefined();
    expect(cache.find('ended99')).toBeUndefined();
    expect(cache.find('ended100')).toBeDefined();
  });

  it('loses nothing, takes nothing twice and does not go back, however streams and pictures are mixed', () => {
    const history = 30;
    const happening = fc.oneof(
      // A page over REST, of any version up to the newest.
      fc.record({ type: fc.constant('picture' as const), behind: fc.nat({ max: 5 }) }),
      // The stream continues by some events. After a switch it restarts at an earlier cursor.
      fc.record({ type: fc.constant('events' as const), count: fc.nat({ max: 8 }) }),
      fc.record({ type: fc.constant('resume' as const), back: fc.nat({ max: 10 }) }),
      fc.record({ type: fc.constant('hub' as const), count: fc.nat({ max: 5 }) }),
    );
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
        const cache = new TaskCache();
        cache.takeAll([makeTask('a')], 'all');
        const seen = [1];
        let hub = 1;
        let streamed = 1;
        const note = (changes: readonly { task: Task; previous: Task | null }[]) => {
          for (const { task, previous } of changes) {
            expect(previous!.version).toBe(seen.at(-1));
            seen.push(task.version);
          }
        };
        const stream = (count: number) => {
          for (let n = 0; n < count && streamed < hub; n++) {
            streamed++;
            const outcome = cache.takeEvent(
              makeEvent('progress', {
                id: 'a' as TaskId,
                version: streamed,
                status: 'running',
                logLines: streamed,
              }),
            );
            expect(outcome).not.toBe('gap');
            if (typeof outcome === 'object') note([outcome]);
          }
        };
        for (const each of happenings) {
          if (each.type === 'hub') hub = Math.min(history, hub + each.count);
          else if (each.type === 'events') stream(each.count);
          else if (each.type === 'resume') streamed = Math.max(1, streamed - each.back);
          else {
            const version = Math.max(1, hub - each.behind);
            note(cache.takeAll([makeTask('a', { version, status: 'running', logLines: version })], 'all'));
          }
        }
        stream(history);
        expect(cache.find('a')!.version).toBe(hub);
        expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
      }),
    );
  });
});
