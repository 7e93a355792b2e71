import { hostIdSchema } from '@booner/protocol';
import { expect, it } from 'vitest';
import { Account, MAX_FILTERED_HOSTS } from './account.ts';
import type { ClientSocket } from './client-socket.ts';
import { EVERYTHING } from './readable.ts';
import { type HostScope, isInScope, subscribedHosts, Views } from './views.ts';

const hostOf = (index: number) => hostIdSchema.parse(`10.0.${index >> 8}.${index & 255}`);
const [A, B] = [hostOf(2), hostOf(10)];
const range = (from: number, count: number) =>
  new Set(Array.from({ length: count }, (_, index) => hostOf(from + index)));
/** Views only use clients as keys, and their accounts. */
const newClient = (account = new Account()) => ({ account }) as ClientSocket;
const ALL: HostScope = { hosts: null, readable: EVERYTHING };

it('groups the clients of one scope, whatever the order of its hosts', () => {
  const views = new Views<HostScope & { detail: string }>();
  const join = (hosts: HostScope['hosts'], detail: string) =>
    views.move(newClient(), null, { ...ALL, hosts, detail })!;
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
  const readable = { key: 'host=10.0.0.2', has: (host: string) => host === A };
  const reader = views.move(newClient(), null, { hosts: null, detail: 'full', readable })!;
  expect(others).not.toContain(reader);
  expect([isInScope(reader.scope, A), isInScope(reader.scope, B)]).toEqual([true, false]);
});

it('forgets a view with its last client', () => {
  const views = new Views<HostScope>();
  const [one, two] = [newClient(), newClient()];
  const view = views.move(one, null, ALL)!;
  views.move(two, null, ALL);
  views.leave(one, view);
  expect([views.size, [...view.clients]]).toEqual([1, [two]]);
  views.leave(two, view);
  expect(views.size).toBe(0);
  expect(views.move(one, null, ALL)).not.toBe(view);
});

it('limits the hosts in the different filters of an account, and leaves a client where it was', () => {
  const views = new Views<HostScope>();
  const limits: string[] = [];
  const account = new Account({ onLimit: (limit) => limits.push(limit) });
  const half = { ...ALL, hosts: range(0, MAX_FILTERED_HOSTS / 2) };
  const [one, two, three, four] = [newClient(account), newClient(account), newClient(account), newClient()];
  const view = views.move(one, null, half)!;
  expect(views.move(two, null, half)).toBe(view); // the same filter costs nothing more
  const other = views.move(three, null, { ...ALL, hosts: range(1, MAX_FILTERED_HOSTS / 2) })!;
  const full = { ...ALL, hosts: range(2, MAX_FILTERED_HOSTS / 2) };
  expect(views.move(two, view, full)).toBeNull();
  expect([...view.clients]).toEqual([one, two]);
  expect(limits).toEqual(['filters']);
  expect(views.move(four, null, full)?.clients.size).toBe(1); // of another account
  expect(views.move(two, view, ALL)?.clients.size).toBe(1);
  expect(views.move(three, other, full)?.clients.size).toBe(2);
  views.leave(three, [...views].find(({ clients }) => clients.has(three))!);
  expect(views.move(three, null, full)?.clients.size).toBe(2);
});

it('has all hosts in scope unless some are named', () => {
  expect(isInScope({ ...ALL, hosts: subscribedHosts(undefined) }, A)).toBe(true);
  const hosts = subscribedHosts([A, A]);
  expect(hosts?.size).toBe(1);
  expect([isInScope({ ...ALL, hosts }, A), isInScope({ ...ALL, hosts }, B)]).toEqual([true, false]);
  expect(isInScope({ ...ALL, hosts: subscribedHosts([]) }, A)).toBe(false);
});
