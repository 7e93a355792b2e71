import type { TaskId } from '@booner/protocol';
import { expect, it } from 'vitest';
import { isInTaskUnit, newUnitName } from './task-unit.ts';

const taskId = '-bcdefghijklmnopqrs_u' as TaskId;
const path = `/booner.slice/booner-tasks.slice/${newUnitName(taskId)}`;

it('gives each attempt a name of its own that systemd takes (systemd.unit(5))', () => {
  expect(newUnitName(taskId)).toMatch(/^booner-task--bcdefghijklmnopqrs_u-[\w-]{12}\.service$/);
  expect(newUnitName(taskId)).not.toBe(newUnitName(taskId));
});

it.each([
  ['version 2', `0::${path}\n`],
  ['version 1 beside it', `9:name=systemd:${path}\n8:pids:/\n0::${path}\n`],
  ['version 1 alone', `3:cpu,cpuacct:/\n1:name=systemd:${path}\n`],
  ['a group that the action made in it', `0::${path}/builds/3\n`],
])('knows a process of the task by control groups of %s', (_, cgroups) => {
  expect(isInTaskUnit(taskId, cgroups)).toBe(true);
});

it.each([`0::${path.replace('_u', '_v')}\n`, '0::/system.slice/booner-runner.service\n', '0::/\n', ''])(
  'knows %j for none of the task',
  (cgroups) => {
    expect(isInTaskUnit(taskId, cgroups)).toBe(false);
  },
);
