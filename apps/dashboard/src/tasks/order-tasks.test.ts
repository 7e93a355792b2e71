import type { HostId, Task } from '@booner/protocol';
import { makeTask as task } from '@booner/testkit/make-task';
import { expect, it } from 'vitest';
import { choicesOf, countByStatus, filterTasks, orderTasks } from './order-tasks.ts';

const idsOf = (tasks: readonly Task[]) => tasks.map(({ id }) => id);

it('puts running tasks first, then queued ones as they wait, then ended ones from the last', () => {
  const tasks = [
    task('failed early', { status: 'failed', endedAtMs: 10 }),
    task('queued late', { createdAtMs: 40 }),
    task('completed late', { status: 'completed', endedAtMs: 20 }),
    task('running early', { status: 'running', startedAtMs: 5 }),
    task('queued early', { createdAtMs: 30 }),
    task('running late', { status: 'running', startedAtMs: 6 }),
    task('cancelled last', { status: 'cancelled', endedAtMs: 30 }),
  ];
  expect(idsOf(orderTasks(tasks))).toEqual([
    'running late',
    'running early',
    'queued early',
    'queued late',
    'cancelled last',
    'completed late',
    'failed early',
  ]);
});

it('keeps one order for tasks of one moment, however they came', () => {
  const tasks = ['b', 'c', 'a'].map((id) => task(id, { status: 'running', startedAtMs: 1 }));
  expect(idsOf(orderTasks(tasks))).toEqual(['a', 'b', 'c']);
});

it('finds tasks that contain all words, whatever their case, in errors, results and parameters too', () => {
  const tasks = [
    task('1', { error: 'Failed to deploy: Connection refused' }),
    task('2', { params: { version: 'v1.2.3' }, result: { details: 'Deployed' }, createdBy: 'x Ada' }),
  ];
  expect(idsOf(filterTasks(tasks, { q: 'REFUSED deploy' }))).toEqual(['1']);
  expect(idsOf(filterTasks(tasks, { q: 'version=v1.2.3 deployed ada' }))).toEqual(['2']);
  expect(idsOf(filterTasks(tasks, { q: 'nothing' }))).toEqual([]);
});

it('narrows to one host and one action', () => {
  const tasks = [task('1', {}), task('2', { host: '10.0.0.20' as HostId }), task('3', { action: 'ping' })];
  expect(idsOf(filterTasks(tasks, { host: '10.0.0.2' }))).toEqual(['1', '3']);
  expect(idsOf(filterTasks(tasks, { host: '10.0.0.2', action: 'ping' }))).toEqual(['3']);
});

it('narrows to the hosts that a selector found, even if there are none', () => {
  const tasks = [task('1', {}), task('2', { host: '10.0.0.20' as HostId })];
  expect(idsOf(filterTasks(tasks, { hosts: new Set(['10.0.0.20']) }))).toEqual(['2']);
  expect(idsOf(filterTasks(tasks, { hosts: new Set() }))).toEqual([]);
  expect(idsOf(filterTasks(tasks, { hosts: undefined }))).toEqual(['1', '2']);
});

it('counts each status, those that no task has as 0', () => {
  expect(countByStatus([task('1', {}), task('2', {}), task('3', { status: 'failed' })])).toEqual({
    queued: 2,
    running: 0,
    completed: 0,
    failed: 1,
    cancelled: 0,
  });
});

it('offers each host once, by number, with a chosen one that no task has', () => {
  const tasks = ['10.0.0.10', '10.0.0.2', '10.0.0.2'].map((host, index) =>
    task(String(index), { host: host as HostId }),
  );
  expect(choicesOf(tasks, 'host', '10.0.0.7')).toEqual(['10.0.0.2', '10.0.0.7', '10.0.0.10']);
});
