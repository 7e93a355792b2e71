import { expect, it } from 'vitest';
import { parseProcessStat } from './process-stat.ts';

it('reads the fields behind a name with blanks and brackets', () => {
  // Recorded on Linux 6.18 for a copy of `sleep` that was named "a) S (b".
  const text =
    '31245 (a) S (b) S 31244 31240 31240 0 -1 4194304 96 0 0 0 0 0 0 0 20 0 1 0 81534312 2736128 352 18446744073709551615\n';
  expect(parseProcessStat(text)).toEqual({
    pid: 31245,
    name: 'a) S (b',
    state: 'S',
    parentPid: 31244,
    groupId: 31240,
    startTicks: 81534312,
  });
});

it('takes no other text', () => {
  expect(parseProcessStat('')).toBeNull();
});
