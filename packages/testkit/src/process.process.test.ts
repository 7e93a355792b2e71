import { expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { startProcess } from './process.ts';

it('collects the lines of both streams and the exit status', async () => {
  await using child = await startProcess({
    command: process.execPath,
    args: ['-e', 'console.log(process.env.WORD); console.error("b\\nc"); process.exitCode = 3'],
    env: { WORD: 'a' },
  });
  expect(await child.exited).toEqual({ code: 3, signal: null });
  expect(child.lines).toEqual({ stdout: ['a'], stderr: ['b', 'c'] });
});

it('says which signal ended a process, and kills a stopped one on disposal', async () => {
  const child = await startProcess({ command: 'sleep', args: ['60'] });
  child.kill('SIGSTOP');
  await child[Symbol.asyncDispose]();
  expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
  expect(() => process.kill(child.pid, 0)).toThrow('ESRCH');
});

it('rejects when the command does not exist', async () => {
  await expect(startProcess({ command: 'booner-no-such-command' })).rejects.toMatchObject({ code: 'ENOENT' });
});

it('waits for a condition, and says which one was never fulfilled', async () => {
  let calls = 0;
  const third = () => {
    calls += 1;
    if (calls < 3) throw new Error('not yet');
    return calls;
  };
  expect(await eventually(third, { deadlineMs: 1000, everyMs: 1, what: 'the third call' })).toBe(3);
  const never = eventually(() => 0, { deadlineMs: 30, everyMs: 5, what: 'rain' });
  await expect(never).rejects.toThrow('gave up waiting for rain after 30 ms; the last value was 0');
  const hanging = eventually(() => new Promise<boolean>(() => {}), {
    deadlineMs: 30,
    what: 'a hanging check',
  });
  await expect(hanging).rejects.toThrow('the condition itself did not return');
});
