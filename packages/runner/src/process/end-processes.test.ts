import { expect, it } from 'vitest';
import { describeLeft } from './describe-left.ts';
import { endProcesses, killAfter } from './end-processes.ts';
import type { ProcessStat } from './process-stat.ts';

/**
 * Above the kernel's highest process id, so that a signal reaches no process, like one in
 * uninterruptible sleep.
 */
const stuck: ProcessStat = {
  pid: 2 ** 22 + 1,
  name: 'dd',
  state: 'D',
  parentPid: 1,
  groupId: 7,
  startTicks: 1,
};

it('gives up on a process that survives KILL, and names it', async () => {
  const find = async () => [stuck];
  const ended = await endProcesses({ find }, { groupId: null, killAtMs: killAfter(20), killTimeoutMs: 50 });
  expect(ended).toEqual({ count: 1, left: [stuck] });
  expect(describeLeft(ended.left)).toBe(
    `process ${stuck.pid} (dd, in uninterruptible sleep) could not be ended`,
  );
});

it('looks again after it found nothing', async () => {
  const looks = [[], [stuck], [], []];
  let count = 0;
  const find = async () => looks[count++] ?? [];
  expect(await endProcesses({ find }, { groupId: null, killAtMs: killAfter(1000) })).toEqual({
    count: 1,
    left: [],
  });
  expect(count).toBe(4);
});

it('names five of many', () => {
  const many = Array.from({ length: 7 }, (_, index) => ({ ...stuck, pid: index, state: 'S' }));
  expect(describeLeft(many)).toBe(
    'processes 0 (dd), 1 (dd), 2 (dd), 3 (dd), 4 (dd), 2 more could not be ended',
  );
});
