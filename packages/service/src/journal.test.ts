import { expect, it } from 'vitest';
import { journalErrors, journalLine } from './journal.ts';

const line = (fields: object) => JSON.stringify({ time: 1, pid: 2, hostname: 'h', name: 'agent', ...fields });

it.each([
  [20, 7],
  [30, 6],
  [40, 4],
  [50, 3],
  [60, 2],
])('gives a line of level %i the priority %i', (level, priority) => {
  expect(journalLine(line({ level, msg: 'agent started' }))).toBe(`<${priority}>agent started\n`);
});

it('puts what else a line holds behind its words', () => {
  const json = line({
    level: 40,
    msg: 'the bus is unreachable',
    reason: 'line one\nline two',
    url: 'redis://a',
  });
  expect(journalLine(json)).toBe(
    '<4>the bus is unreachable {"reason":"line one\\nline two","url":"redis://a"}\n',
  );
  expect(journalLine(line({ level: 30, host: 'a' }))).toBe('<6>{"host":"a"}\n');
});

it('marks each line of a failure', () => {
  expect(journalErrors('The configuration has problems:\n  - PORT: bad')).toBe(
    '<3>The configuration has problems:\n<3>  - PORT: bad',
  );
});
