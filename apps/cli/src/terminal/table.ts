import Table from 'cli-table3';
import { displayWidth } from './display-width.ts';
import type { Terminal } from './terminal.ts';

export type Column = {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Gives way, down to this many cells, when the terminal is too narrow; absent: keeps its width. */
  readonly shrinksTo?: number;
  /** Goes, the highest first, when the others do not fit either; absent: stays. */
  readonly dispensable?: number;
};

const GAP = '  ';
const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: GAP,
};

/** Lines of a table without borders, as wide as the terminal at most. Columns without any text are left out. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  terminal: Pick<Terminal, 'columns' | 'hasUnicode' | 'style'>,
): string[] {
  const natural = columns.map(({ title }, at) =>
    Math.max(displayWidth(title), ...rows.map((row) => displayWidth(row[at] ?? ''))),
  );
  const hasText = columns.map((_, at) => rows.length === 0 || rows.some((row) => (row[at] ?? '') !== ''));
  const shown = fit(columns, natural, hasText, terminal.columns);
  const table = new Table({
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colWidths: shown.map(({ width }) => width),
    colAligns: shown.map(({ at }) => columns[at]?.align ?? 'left'),
    truncate: terminal.hasUnicode ? '…' : '~',
  });
  table.push(shown.map(({ at }) => terminal.style('dim', columns[at]?.title ?? '')));
  for (const row of rows) table.push(shown.map(({ at }) => row[at] ?? ''));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

type Shown = { readonly at: number; width: number };

/** Takes cells from columns that can give some, and columns away that can go, until the rest fits. */
function fit(
  columns: readonly Column[],
  natural: readonly number[],
  hasText: readonly boolean[],
  limit: number | null,
): readonly Shown[] {
  let shown: Shown[] = columns
    .map((_, at) => ({ at, width: natural[at] ?? 0 }))
    .filter(({ at }) => hasText[at]);
  if (limit === null) return shown;
  const excess = () =>
    shown.reduce((sum, { width }) => sum + width, 0) + GAP.length * (shown.length - 1) - limit;
  const least = () => {
    for (const column of shown) {
      const { shrinksTo } = columns[column.at] ?? {};
      if (shrinksTo === undefined) continue;
      column.width -= Math.max(0, Math.min(excess(), column.width - Math.max(shrinksTo, 1)));
    }
  };
  least();
  while (excess() > 0) {
    const going = shown
      .filter(({ at }) => columns[at]?.dispensable !== undefined)
      .sort((a, b) => (columns[b.at]?.dispensable ?? 0) - (columns[a.at]?.dispensable ?? 0))[0];
    if (going === undefined) break;
    shown = shown.filter((column) => column !== going);
    for (const column of shown) column.width = natural[column.at] ?? 0;
    least();
  }
  return shown;
}
