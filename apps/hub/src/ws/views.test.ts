import { hostIdSchema } from '@booner/protocol';
import { expect, it } from 'vitest';
import type { ClientSocket } from './client-socket.ts';
import { type HostScope, isInScope, snapshotOf, subscribedHosts, Views } from './views.ts';

const [A, B] = ['10.0.0.2', '10.0.0.10'].map((host) => hostIdSchema.parse(host)) as [
  ReturnType<typeof hostIdSchema.parse>,
  ReturnType<typeof hostIdSchema.parse>,
];
/** Views only use clients as keys. */
const newClient = () => ({}) as ClientSocket;

it('groups the clients of one scope, whatever the order of its hosts', () => {
  const views = new Views<HostScope & { detail: string }>();
  const join = (hosts: HostScope['hosts'], detail: string) => views.join(newClient(), { hosts, detail });
  const view = join(new Set([A, B]), 'full');
  expect(join(new Set([B, A]), 'full')).toBe(view);
  expect(view.clients.size).toBe(2);
  const others = [
    join(new Set([A, B]), 'summary'),
    join(new Set([A]), 'full'),
    join(new Set(), 'full'),
    join(null, 'full'),
  ];
  expect(new Set([view, ...others]).size).toBe(5);
  expect([...views]).toEqual([view, ...others]);
});

it('forgets a view with its last client', () => {
  const views = new Views<HostScope>();
  const [one, two] = [newClient(), newClient()];
  const view = views.join(one, { hosts: null });
  views.join(two, { hosts: null });
  views.leave(one, view);
  expect([views.size, [...view.clients]]).toEqual([1, [two]]);
  views.leave(two, view);
  expect(views.size).toBe(0);
  expect(views.join(one, { hosts: null })).not.toBe(view);
});

it('encodes a snapshot once until snapshots are dropped', () => {
  const views = new Views<HostScope>();
  const view = views.join(newClient(), { hosts: null });
  let encoded = 0;
  const text = () => `snapshot ${++encoded}`;
  expect([snapshotOf(view, text).text, snapshotOf(view, text).text]).toEqual(['snapshot 1', 'snapshot 1']);
  views.dropSnapshots();
  expect(snapshotOf(view, text).text).toBe('snapshot 2');
});

it('has all hosts in scope unless some are named', () => {
  expect(isInScope({ hosts: subscribedHosts(undefined) }, A)).toBe(true);
  const hosts = subscribedHosts([A, A]);
  expect(hosts?.size).toBe(1);
  expect([isInScope({ hosts }, A), isInScope({ hosts }, B)]).toEqual([true, false]);
  expect(isInScope({ hosts: subscribedHosts([]) }, A)).toBe(false);
});
