import { expect, it } from 'vitest';
import { createFailureLog, type FailureKind } from './failure-log.ts';

function startLog() {
  const lines: string[] = [];
  const write =
    (level: string) =>
    (first: object | string): void => {
      const what = typeof first === 'string' ? first : 'reason' in first ? first.reason : 'stack';
      lines.push(`${level} ${what}`);
    };
  const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  return {
    lines,
    failures: createFailureLog(log, { failing: 'the job fails', recovered: 'it works again' }),
  };
}

const failure = (failureKind: FailureKind, message: string) =>
  Object.assign(new Error(message, { cause: new Error('OOM command') }), { failureKind });

it('leaves what is reported elsewhere to others', () => {
  const { lines, failures } = startLog();
  const job = failures.job();
  job.failed(failure('reported', 'gone'));
  job.failed(failure('reported', 'no answer'));
  job.worked();
  expect(lines).toEqual(['debug stack', 'debug stack']);
});

it('logs an expected failure once by its message alone, then the recovery', () => {
  const { lines, failures } = startLog();
  const job = failures.job();
  for (let attempt = 0; attempt < 5; attempt++) job.failed(failure('expected', 'full'));
  job.failed(failure('reported', 'gone'));
  job.worked();
  job.worked();
  job.failed(failure('expected', 'full'));
  expect(lines).toEqual(['warn full', 'debug stack', 'info it works again', 'warn full']);
});

it('logs a defect as an error with its stack, also during another outage', () => {
  const { lines, failures } = startLog();
  const job = failures.job();
  job.failed(failure('expected', 'full'));
  job.failed(new TypeError('not a function'));
  job.failed(failure('expected', 'full'));
  expect(lines).toEqual(['warn full', 'error stack']);
});

it('logs one outage for all jobs: its start with the first that fails, its end with the last', () => {
  const { lines, failures } = startLog();
  const [one, other] = [failures.job(), failures.job()];
  one.failed(failure('expected', 'full'));
  other.failed(failure('expected', 'full'));
  one.worked();
  one.failed(failure('expected', 'full'));
  one.worked();
  other.worked();
  expect(lines).toEqual(['warn full', 'info it works again']);
});

it('logs ten messages of one outage at most', () => {
  const { lines, failures } = startLog();
  const job = failures.job();
  for (let attempt = 0; attempt < 100; attempt++) job.failed(failure('expected', `task ${attempt}`));
  expect(lines).toHaveLength(10);
});
