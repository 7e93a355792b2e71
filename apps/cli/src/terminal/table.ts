import truncate from 'cli-truncate';
import displayWidth from 'string-width';
import type { Terminal } from './terminal.ts';

export type Column = {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Smallest width in a terminal that is too narrow. Absent: the column keeps its width. */
  readonly shrinksTo?: number;
  /** Order of removal, highest first, if the columns still do not fit. Absent: the column stays. */
  readonly dispensable?: number;
};

const GAP = '  ';

/** Renders a table without borders, at most as wide as the terminal. Empty columns are left out. */
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
  const truncationCharacter = terminal.hasUnicode ? '…' : '~';
  const cell = (text: string, { at, width }: Shown): string => {
    const cut = truncate(text, width, { truncationCharacter });
    const padding = ' '.repeat(Math.max(0, width - displayWidth(cut)));
    return columns[at]?.align === 'right' ? padding + cut : cut + padding;
  };
  const line = (texts: readonly string[]): string =>
    shown
      .map((column) => cell(texts[column.at] ?? '', column))
      .join(GAP)
      .trimEnd();
  const head = line(columns.map(({ title }) => terminal.style('dim', title)));
  return [head, ...rows.map(line)];
}

type Shown = { readonly at: number; width: number };

/** Narrows columns, then removes columns, until the rest fits. */
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
