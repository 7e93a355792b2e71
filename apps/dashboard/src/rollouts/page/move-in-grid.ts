import type { KeyboardEvent } from 'react';

type Move = (cells: readonly HTMLElement[], from: number) => number;

const MOVES: Readonly<Record<string, Move>> = {
  ArrowRight: (_, from) => from + 1,
  ArrowLeft: (_, from) => from - 1,
  ArrowDown: (cells, from) => inNextRow(cells, from, 1),
  ArrowUp: (cells, from) => inNextRow(cells, from, -1),
  Home: () => 0,
  End: (cells) => cells.length - 1,
};

/** Moves the focus between the cells of a grid, which are laid out like words. */
export function moveInGrid(event: KeyboardEvent<HTMLElement>): void {
  const move = MOVES[event.key];
  if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  const cells = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-index]')];
  const from = cells.indexOf(document.activeElement as HTMLElement);
  if (from < 0) return;
  event.preventDefault();
  cells[move(cells, from)]?.focus();
}

/** Returns the cell of the next row that is nearest below or above; the last one without a row. */
function inNextRow(cells: readonly HTMLElement[], from: number, step: 1 | -1): number {
  const start = cells[from]!.getBoundingClientRect();
  let found = from;
  let rowTop: number | null = null;
  let nearest = Number.POSITIVE_INFINITY;
  for (let index = from + step; index >= 0 && index < cells.length; index += step) {
    const { left, top } = cells[index]!.getBoundingClientRect();
    if (Math.abs(top - start.top) < 1) continue;
    rowTop ??= top;
    if (Math.abs(top - rowTop) > 1) break;
    const distance = Math.abs(left - start.left);
    if (distance < nearest) {
      nearest = distance;
      found = index;
    }
  }
  return found;
}
