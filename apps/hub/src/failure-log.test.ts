import { BusError } from '@booner/bus';
import { expect, it } from 'vitest';
import { createFailureLog } from './failure-log.ts';

function startLog() {
  const lines: string[] = [];
  const write = (level: string) => (fields: object) =>
    void lines.push(`${level} ${'reason' in fields ? fields.reason : 'err'}`);
  const log = { debug: write('debug'), warn: write('warn'), error: write('error') };
  return { lines, failures: createFailureLog(log, 'a job failed') };
}

it('leaves outages of the bus to whoever watches the connection', () => {
  const { lines, failures } = startLog();
  failures.failed(new BusError('disconnected', 'gone'));
  failures.failed(new BusError('timeout', 'no answer'));
  expect(lines).toEqual(['debug err', 'debug err']);
  expect(failures.worked()).toBe(false);
});

it('logs each kind of refusal once until the job works again, in its words alone', () => {
  const { lines, failures } = startLog();
  const refused = () => failures.failed(new BusError('refused', 'full', { cause: new Error('OOM command') }));
  refused();
  refused();
  expect(failures.worked()).toBe(true);
  refused();
  expect(lines).toEqual(['warn full', 'warn full']);
});

it('logs a defect as an error', () => {
  const { lines, failures } = startLog();
  failures.failed(new TypeError('not a function'));
  expect(lines).toEqual(['error err']);
});
