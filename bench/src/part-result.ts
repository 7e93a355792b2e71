/** A figure beside what it should be. */
export type Goal = {
  readonly what: string;
  readonly figure: string;
  readonly goal: string;
  readonly isMet: boolean;
};

/** What one part of the bench found. */
export type PartResult = {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly goals: readonly Goal[];
  /** How to read the table, and what could not be compared. */
  readonly notes: readonly string[];
  /** What did not run as it should; the bench then exits with 1. A missed goal is no failure. */
  readonly failures: readonly string[];
  /** All figures, unrounded, for the JSON file. */
  readonly figures: unknown;
};

/** What a part needs of the run that it belongs to. */
export type PartContext = {
  /** A run of seconds that shows that every part works. Its figures are judged by nobody. */
  readonly isShort: boolean;
  readonly signal: AbortSignal;
  /** Tells the person who waits what goes on. */
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
