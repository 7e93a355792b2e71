import { expect, it } from 'vitest';
import { parseServiceExit } from './service-exit.ts';

const shown = (result: string, code: number, status: number, state = 'loaded') =>
  `Result=${result}\nExecMainCode=${code}\nExecMainStatus=${status}\nLoadState=${state}\n`;

it.each([
  ['an exit code', shown('exit-code', 1, 3), null, { code: 3, signal: null }],
  ['a signal', shown('signal', 2, 11), null, { code: null, signal: 'SIGSEGV' }],
  ['a signal with a core', shown('core-dump', 3, 6), null, { code: null, signal: 'SIGABRT' }],
  ['a signal by someone', shown('signal', 2, 9), null, { code: null, signal: 'SIGKILL' }],
  [
    'the limit of memory',
    shown('oom-kill', 2, 9),
    '64M',
    { code: null, signal: 'SIGKILL', remark: 'it exceeded its memory limit of 64M' },
  ],
  [
    'the memory of the host',
    shown('oom-kill', 2, 9),
    null,
    { code: null, signal: 'SIGKILL', remark: 'it exceeded the memory of the host' },
  ],
  [
    'the limit of memory in version 1 of control groups',
    shown('signal', 2, 9),
    '64M',
    { code: null, signal: 'SIGKILL', remark: 'probably because it exceeded its memory limit of 64M' },
  ],
  [
    'the limit of memory of a command in a shell',
    shown('exit-code', 1, 137),
    '64M',
    { code: 137, signal: null, remark: 'probably because it exceeded its memory limit of 64M' },
  ],
  [
    'a sandbox that cannot be set up',
    shown('exit-code', 1, 226),
    null,
    { code: 226, signal: null, remark: 'systemd exits with it if the sandbox cannot be set up' },
  ],
  ['nothing for a service that never ran', shown('success', 0, 0, 'not-found'), null, null],
  ['nothing for a service that still runs', shown('success', 0, 0), null, null],
  ['nothing from an empty answer', '', null, null],
])('reads %s', (_, text, memoryMax, exit) => {
  expect(parseServiceExit(text, memoryMax)).toEqual(exit);
});
