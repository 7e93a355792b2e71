import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { createKeyedStores } from './keyed-stores.ts';
import type { Store } from './store.ts';

it('makes one store a key, and keeps those that are watched', () => {
  const watched: string[] = [];
  const stores = createKeyedStores<number>({
    initial: () => 0,
    onWatched(key) {
      watched.push(key);
      return () => watched.splice(watched.indexOf(key), 1);
    },
  });
  const first = stores.get('first');
  const leave = [first.subscribe(() => {}), first.subscribe(() => {})];
  for (let key = 0; key < 1000; key++) stores.get(`${key}`);
  expect(stores.get('first')).toBe(first);
  expect(stores.get('999')).toBe(stores.get('999'));
  expect(watched).toEqual(['first']);
  leave[0]!();
  expect(watched).toEqual(['first']);
  leave[1]!();
  leave[1]!();
  expect(watched).toEqual([]);
  expect(stores.watched.size).toBe(0);
});

it('returns the same store for a key, however many are requested before any is watched', () => {
  const watched: string[] = [];
  const stores = createKeyedStores<number>({
    initial: () => 0,
    onWatched(key) {
      watched.push(key);
      return () => watched.splice(watched.indexOf(key), 1);
    },
  });
  const drawn = Array.from({ length: 1000 }, (_, key) => stores.get(`${key}`));
  const again = drawn.map((_, key) => stores.get(`${key}`));
  expect(again.every((store, key) => store === drawn[key])).toBe(true);
  const seen: string[] = [];
  const leave = [
    drawn[0]!.subscribe(() => seen.push('one')),
    again[0]!.subscribe(() => seen.push('another')),
  ];
  stores.watched.get('0')?.set(1);
  expect(seen).toEqual(['one', 'another']);
  leave[0]!();
  stores.watched.get('0')?.set(2);
  expect(seen).toEqual(['one', 'another', 'another']);
  leave[1]!();
  expect(watched).toEqual([]);
});

it('keeps recently used stores, and drops older ones without a reference', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const stores = createKeyedStores<{ readonly key: string }>({
    initial: (key) => ({ key }),
    onWatched: () => () => {},
  });
  const left = leave(stores.get('left'));
  for (let key = 0; key < 99; key++) stores.get(`${key}`);
  // a dereferenced WeakRef holds its target until the end of the job
  await new Promise(setImmediate);
  collectGarbage();
  expect(isHeld(left)).toBe(true);
  stores.get('99');
  const isLeftHeld = () => {
    collectGarbage();
    return isHeld(left);
  };
  await expect.poll(isLeftHeld).toBe(false);
});

// Separate functions, since a suspended function keeps its variables alive.
function leave(store: Store<unknown>): WeakRef<Store<unknown>> {
  store.subscribe(() => {})();
  return new WeakRef(store);
}
const isHeld = (ref: WeakRef<Store<unknown>>): boolean => ref.deref() !== undefined;
