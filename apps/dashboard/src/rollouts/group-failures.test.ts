import type { RolloutHost } from '@booner/protocol';
import { expect, test } from 'vitest';
import { groupFailures, taskOf } from './group-failures.ts';

const hostOf = (host: string, changes: Partial<RolloutHost>): RolloutHost =>
  ({
    host,
    index: 0,
    batch: 0,
    status: 'failed',
    taskId: null,
    checkId: null,
    error: null,
    ...changes,
  }) as RolloutHost;
const grouped = (hosts: readonly RolloutHost[], status?: RolloutHost['status']) =>
  groupFailures(hosts, status).map(({ error, hosts: of }) => [error, of.map(({ host }) => host)]);

test('failures are grouped by their error, the most frequent one first', () => {
  const hosts = [
    hostOf('10.0.0.1', { error: 'exit code 1' }),
    hostOf('10.0.0.2', { error: 'timed out' }),
    hostOf('10.0.0.3', { error: 'timed out' }),
    hostOf('10.0.0.4', { status: 'completed' }),
    hostOf('10.0.0.5', { status: 'skipped', error: 'it is offline' }),
  ];
  expect(grouped(hosts)).toEqual([
    ['timed out', ['10.0.0.2', '10.0.0.3']],
    ['exit code 1', ['10.0.0.1']],
  ]);
  expect(grouped(hosts, 'skipped')).toEqual([['it is offline', ['10.0.0.5']]]);
});

test('errors that only differ in the name of their host are one', () => {
  const hosts = ['10.0.0.1', 'web-1.example.org'].map((host) =>
    hostOf(host, { error: `${host}: cannot reach 10.0.0.12 from ${host}.` }),
  );
  expect(grouped(hosts)).toEqual([
    ['<host>: cannot reach 10.0.0.12 from <host>.', ['10.0.0.1', 'web-1.example.org']],
  ]);
});

test('a failure without an error has a group, too', () => {
  expect(grouped([hostOf('10.0.0.1', { error: ' ' }), hostOf('10.0.0.2', {})])).toHaveLength(1);
});

test('a host leads to its check while that runs or after it failed', () => {
  const tasks = { taskId: 'task', checkId: 'check' } as unknown as Partial<RolloutHost>;
  expect(taskOf(hostOf('10.0.0.1', tasks))).toBe('check');
  expect(taskOf(hostOf('10.0.0.1', { ...tasks, status: 'checking' }))).toBe('check');
  expect(taskOf(hostOf('10.0.0.1', { ...tasks, status: 'completed' }))).toBe('task');
  expect(taskOf(hostOf('10.0.0.1', { ...tasks, checkId: null }))).toBe('task');
  expect(taskOf(hostOf('10.0.0.1', {}))).toBeNull();
});
