import type { Parameter } from '@booner/protocol';
import { parseDuration } from '@booner/protocol/duration';
import { isSecret } from '../run/form-values.ts';

export type BatchDraft = {
  /** Sizes, such as `1, 10%, 50%`. */
  readonly batches: string;
  readonly maxFailures: string;
};

/** Returns the parameters that a rollout can set. It stores them readably: it takes no secrets. */
export const readableParameters = (parameters: readonly Parameter[]): readonly Parameter[] =>
  parameters.filter((parameter) => !isSecret(parameter));

/** Reads sizes of batches, such as `1, 10%`. */
export const readBatches = (text: string): (number | string)[] =>
  text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(readAmount);

/** Reads a number of hosts, or leaves a text such as `10%` as it is. */
export const readAmount = (text: string): number | string => {
  const trimmed = text.trim();
  return /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : trimmed;
};

/** Reads a duration in seconds. A text that is none stays. */
export function readSeconds(text: string): number | string {
  const trimmed = text.trim();
  const ms = trimmed === '' ? 0 : parseDuration(trimmed);
  return ms === null ? trimmed : ms / 1000;
}

export const NOT_A_DURATION = 'must be a duration, such as 30s, 5m or 1h30m';
