import { expect, it } from 'vitest';
import { deriveStore } from './derive-store.ts';

function createSource<T>(initial: T) {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    getSnapshot: () => value,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    set(next: T) {
      value = next;
      for (const listener of listeners) listener();
    },
    listeners,
  };
}

it('computes when a source has changed, and keeps a result with the same members', () => {
  const name = createSource('a');
  const count = createSource(1);
  let computed = 0;
  const derived = deriveStore<[string, number], object>([name, count], ([text, number]) => {
    computed++;
    return { text, isMany: number > 1 };
  });
  const first = derived.getSnapshot();
  expect(derived.getSnapshot()).toBe(first);
  expect(computed).toBe(1);
  count.set(0);
  expect(derived.getSnapshot()).toBe(first);
  expect(computed).toBe(2);
  count.set(5);
  expect(derived.getSnapshot()).toEqual({ text: 'a', isMany: true });
});

it('notifies of a change of any source until it is unsubscribed', () => {
  const sources = [createSource(1), createSource(2)] as const;
  const derived = deriveStore<[number, number], number>(sources, ([a, b]) => a + b);
  const sums: number[] = [];
  const end = derived.subscribe(() => sums.push(derived.getSnapshot()));
  sources[0].set(10);
  sources[1].set(20);
  end();
  sources[0].set(0);
  expect(sums).toEqual([12, 30]);
  expect(sources.map(({ listeners }) => listeners.size)).toEqual([0, 0]);
});

it('keeps nothing of what went, was added or is nothing', () => {
  const source = createSource<object | null>({ a: 1, b: undefined });
  const derived = deriveStore<[object | null], object | null>([source], ([value]) => value);
  for (const next of [{ a: 1 }, { a: 1, c: undefined }, null, [1], [1, 2]]) {
    source.set(next);
    expect(derived.getSnapshot()).toBe(next);
  }
  source.set([1, 2]);
  expect(derived.getSnapshot()).not.toBe(source.getSnapshot());
});
