import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createStore } from '../store/store.ts';
import type { Fleet } from './fleet.ts';
import { createFleetStream } from './fleet-stream.ts';

type Message = { readonly type: string; readonly targets: readonly { readonly host: string }[] };
/** Messages of a hub of the previous minor version. */
const RECORDED = new URL('../../../../e2e/fleet/recorded/0.1.0.json', import.meta.url);
const { frames } = JSON.parse(readFileSync(RECORDED, 'utf8')) as { frames: { status2: readonly Message[] } };
const [snapshot, patch] = ['snapshot', 'patch'].map(
  (type) => frames.status2.find((each) => each.type === type)!,
);

it.each([
  ['an older hub', (message: Message) => message],
  ['a hub that says more', (message: Message) => ({ ...message, addedLater: { share: -7 } })],
])('the picture follows the messages of %s', (_, change) => {
  const store = createStore<Fleet | null>(null);
  const stream = createFleetStream({ url: () => 'ws://hub', store, rest: async () => null });
  const sent: object[] = [];
  stream.onOpening();
  stream.onOpen((message) => sent.push(message));
  const first = { ...change(snapshot!), sequence: 7 };
  stream.receive(first);
  const before = store.getSnapshot();
  const unknown = { type: 'weather', sequence: 8 };
  stream.receive(unknown);
  expect(store.getSnapshot()).toBe(before);
  const second = { ...change(patch!), sequence: 8 };
  stream.receive(second);
  const hosts = patch!.targets.map(({ host }) => host);
  expect([...store.getSnapshot()!.targets.keys()]).toEqual(expect.arrayContaining(hosts));
  expect(hosts).toEqual(['10.0.0.2']);
  expect(sent).toEqual([]); // nothing has to be requested again
});
