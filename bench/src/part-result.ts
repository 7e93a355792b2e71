/** A figure and its goal. */
export type Goal = {
  readonly what: string;
  readonly figure: string;
  readonly goal: string;
  readonly isMet: boolean;
};

/** Result of one part of the benchmark. */
export type PartResult = {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly goals: readonly Goal[];
  /** Hints on reading the table, and comparisons that were not possible. */
  readonly notes: readonly string[];
  /** Failures of the benchmark itself, which then exits with 1. A missed goal is not a failure. */
  readonly failures: readonly string[];
  /** All figures, unrounded, for the JSON file. */
  readonly figures: unknown;
};

/** Settings of the run that a part belongs to. */
export type PartContext = {
  /**
   * A run of seconds that checks that every part works. Its figures are not compared with goals.
   */
  readonly isShort: boolean;
  readonly signal: AbortSignal;
  /** Reports progress. */
  progress(text: string): void;
};

/** A goal of the kind "at most". */
export function atMost(what: string, value: number, limit: number, format: (value: number) => string): Goal {
  return { what, figure: format(value), goal: `at most ${format(limit)}`, isMet: value <= limit };
}

/** A goal of the kind "at least". */
export function atLeast(what: string, value: number, limit: number, format: (value: number) => string): Goal {
  return { what, figure: format(value), goal: `at least ${format(limit)}`, isMet: value >= limit };
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
