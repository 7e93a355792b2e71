import type { PlannedHost } from '@booner/protocol';
import { expect, test } from 'vitest';
import { groupPlanned, startDenial } from './plan-words.ts';

const hostOf = (host: string, state: PlannedHost['state'], detail: string | null = null): PlannedHost =>
  ({ host, batch: 0, state, detail }) as PlannedHost;

test('hosts that are not ready are grouped, what stops the rollout first', () => {
  const groups = groupPlanned([
    hostOf('a', 'ready'),
    hostOf('b', 'offline', 'has no runner now'),
    hostOf('c', 'offline', 'has no runner now'),
    hostOf('d', 'bad_params', '/version is required'),
  ]);
  expect(groups.map(({ state, hosts }) => [state, hosts.map(({ host }) => host)])).toEqual([
    ['bad_params', ['d']],
    ['offline', ['b', 'c']],
  ]);
});

test('a plan that the hub would refuse says why', () => {
  expect(startDenial({ hosts: [] })).toMatch(/matches no target/);
  expect(startDenial({ hosts: [hostOf('a', 'ready'), hostOf('b', 'not_allowed')] })).toMatch(/not allowed/);
  expect(startDenial({ hosts: [hostOf('a', 'ready'), hostOf('b', 'bad_params')] })).toMatch(/parameters/);
  expect(startDenial({ hosts: [hostOf('a', 'not_offered')] })).toMatch(/None/);
  expect(startDenial({ hosts: [hostOf('a', 'not_offered'), hostOf('b', 'offline')] })).toBeNull();
});
