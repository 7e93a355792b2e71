/** Eighths of a cell, from one to eight. */
const EIGHTHS = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
/** Eighths of the height of a cell, from one to eight. */
export const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII_LEVELS = ['_', '.', '-', '=', '*', '#'];

/** Renders a ratio as a bar, to an eighth of a cell. `null` (unknown) renders as spaces. */
export function bar(ratio: number | null, cells: number, hasUnicode: boolean): string {
  if (ratio === null) return ' '.repeat(cells);
  const share = Math.min(1, Math.max(0, ratio));
  if (!hasUnicode) {
    const full = Math.round(share * cells);
    return `${'#'.repeat(full)}${'.'.repeat(cells - full)}`;
  }
  const eighths = Math.round(share * cells * 8);
  const full = '█'.repeat(Math.floor(eighths / 8));
  return `${full}${EIGHTHS[(eighths % 8) - 1] ?? ''}`.padEnd(cells, '░');
}

/** Renders ratios, oldest first, one per cell, padded on the left. `null` (unknown) is a gap. */
export function sparkline(ratios: readonly (number | null)[], cells: number, hasUnicode: boolean): string {
  const levels = hasUnicode ? LEVELS : ASCII_LEVELS;
  return ratios
    .slice(-cells)
    .map((ratio) => {
      if (ratio === null) return ' ';
      const level = Math.min(levels.length - 1, Math.floor(Math.min(1, Math.max(0, ratio)) * levels.length));
      return levels[level] ?? ' ';
    })
    .join('')
    .padStart(cells);
}
