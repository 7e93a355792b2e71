import type { OfferedAction } from '@booner/protocol';
import { makeTask } from '@booner/testkit/make-task';
import { expect, it } from 'vitest';
import { exitCodeOf } from './follow-task.ts';
import { readParameters } from './run-parameters.ts';

const common = { description: '', required: false } as const;
const ACTION: OfferedAction = {
  name: 'deploy',
  description: '',
  timeoutSeconds: 60,
  parameters: [
    { ...common, type: 'string', name: 'version', maxLength: 256, secret: false, allowLeadingDash: false },
    { ...common, type: 'string', name: 'key', maxLength: 256, secret: true, allowLeadingDash: false },
    { ...common, type: 'integer', name: 'count' },
    { ...common, type: 'boolean', name: 'force' },
    { ...common, type: 'json', name: 'config', maxBytes: 4096 },
  ],
};
const read = (...param: readonly string[]) => readParameters({ param }, ACTION);

it('converts values to the types of the action', async () => {
  expect(await read('version=1', 'count=5', 'force=yes')).toEqual({ version: '1', count: 5, force: true });
  expect(await read('version=a=b', 'version=', 'other=1')).toEqual({ version: '', other: '1' });
  // The hub rejects these.
  expect(await read('count=many', 'force=perhaps')).toEqual({ count: 'many', force: 'perhaps' });
});

it('parses JSON parameters, and reports what is wrong with them', async () => {
  expect(await read('config={"a":[1,{"b":"c=d"}]}')).toEqual({ config: { a: [1, { b: 'c=d' }] } });
  expect(await read('config=5')).toEqual({ config: 5 }); // the hub rejects it
  await expect(read('config={a:1}')).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/^config is not valid JSON/),
  });
  await expect(read('config={"a":1,"a":2}')).rejects.toMatchObject({
    message: 'config.a occurs more than once',
  });
  await expect(read('config={"a":12345678901234567890}')).rejects.toMatchObject({
    message: expect.stringMatching(/^config\.a is a number that cannot be stored exactly/),
  });
});

it('rejects secrets and incomplete pairs in the arguments', async () => {
  await expect(read('key=hunter2')).rejects.toMatchObject({
    exitCode: 2,
    message: expect.not.stringContaining('hunter2'),
  });
  await expect(read('version')).rejects.toMatchObject({ exitCode: 2 });
  await expect(read('=1')).rejects.toMatchObject({ exitCode: 2 });
});

it.each([
  [{ status: 'completed' }, 0],
  [{ status: 'failed', error: 'exit code 7', result: { exitCode: 7 } }, 7],
  [{ status: 'failed', error: 'timed out after 9 s' }, 1],
  [{ status: 'failed', error: 'killed by SIGSEGV' }, 1],
  [{ status: 'failed', error: 'no space', result: { exitCode: 9 } }, 9],
  [{ status: 'failed', error: 'no space', result: { exitCode: 0 } }, 1],
  [{ status: 'cancelled' }, 1],
] as const)('exits as the task did: %o', (changes, code) => {
  expect(exitCodeOf(makeTask('V1StGXR8_Z5jdHi6B-myT', changes))).toBe(code);
});
