import type { TaskStep } from '@booner/protocol';
import { durationText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { taskStatus } from './task-texts.ts';

const COLUMNS: readonly Column[] = [
  { title: 'STEP', shrinksTo: 8 },
  { title: 'STATUS' },
  { title: 'DURATION', align: 'right', dispensable: 1 },
  { title: 'STARTS', align: 'right', dispensable: 2 },
  { title: 'LOG LINE', align: 'right', dispensable: 3 },
];

/** Formats the steps of a task as a table; nothing for a task without steps. */
export function stepLines(steps: readonly TaskStep[] | null, terminal: Terminal): readonly string[] {
  if (steps === null) return [];
  const rows = steps.map(({ name, status, attempts, durationMs, firstLine }) => [
    safeText(name),
    taskStatus(status, terminal),
    durationMs === null ? '' : durationText(durationMs / 1000),
    attempts === 0 ? '' : String(attempts),
    firstLine === null ? '' : String(firstLine),
  ]);
  return ['', ...renderTable(COLUMNS, rows, terminal)];
}
