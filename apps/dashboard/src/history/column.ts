/** Values over time; `null` where nothing is known. */
export type Column = readonly (number | null)[];

/** Returns the mean of the known values. */
export function meanOf(column: Column): number | null {
  let sum = 0;
  let count = 0;
  for (const value of column) {
    if (value === null) continue;
    sum += value;
    count++;
  }
  return count === 0 ? null : sum / count;
}

/** Returns the highest known value. */
export function highestOf(columns: readonly Column[]): number | null {
  let highest: number | null = null;
  for (const column of columns) {
    for (const value of column) if (value !== null && (highest === null || value > highest)) highest = value;
  }
  return highest;
}

/** Returns the lowest known value. */
export function lowestOf(column: Column): number | null {
  let lowest: number | null = null;
  for (const value of column) if (value !== null && (lowest === null || value < lowest)) lowest = value;
  return lowest;
}
