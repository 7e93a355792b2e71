import type { TaskStep } from '@booner/protocol';
import { expect, it } from 'vitest';
import type { Terminal } from '../terminal/terminal.ts';
import { stepLines } from './step-texts.ts';

const terminal = { style: (_: string, text: string) => text, columns: 80 } as unknown as Terminal;
const step = (name: string, change: Partial<TaskStep>): TaskStep => ({
  ...{ name, status: 'waiting', attempts: 0, durationMs: null, firstLine: null },
  ...change,
});

it('lists the steps of a task with state and duration', () => {
  const steps = [
    step('build', { status: 'completed', attempts: 2, durationMs: 65_000, firstLine: 1 }),
    step('deploy', { status: 'running', attempts: 1, firstLine: 14 }),
    step('tidy', {}),
  ];
  const lines = stepLines(steps, terminal).map((line) => line.split(/ {2,}/).map((cell) => cell.trim()));
  expect(lines).toEqual([
    [''],
    ['STEP', 'STATUS', 'DURATION', 'STARTS', 'LOG LINE'],
    ['build', 'completed', '1 min', '2', '1'],
    ['deploy', 'running', '1', '14'],
    ['tidy', 'waiting'],
  ]);
});

it('lists nothing for a task without steps', () => {
  expect(stepLines(null, terminal)).toEqual([]);
});
