import Table from 'cli-table3';
import type { PartResult } from './part-result.ts';

/** Renders a part as text: its figures, their meaning, and their goals. */
export function renderPart(part: PartResult, { withGoals }: { withGoals: boolean }): string {
  const goals = part.goals.map(({ what, figure, goal, isMet }) => [
    what,
    figure,
    goal,
    isMet ? 'met' : 'NOT MET',
  ]);
  return [
    `\n${part.title}`,
    ...(part.rows.length > 0 ? [table(part.head, part.rows)] : []),
    ...(withGoals && goals.length > 0 ? [table(['goal', 'figure', 'should be', ''], goals)] : []),
    ...part.notes,
    ...part.failures.map((failure) => `FAILED: ${failure}`),
    '',
  ].join('\n');
}

/** Without colours, so that it is the same in a file. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const grid = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  grid.push(...rows.map((row) => [...row]));
  return grid.toString();
}
