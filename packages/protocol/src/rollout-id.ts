import { z } from 'zod';

declare const rolloutIdBrand: unique symbol;

/** Id of a rollout: 21 characters of the URL alphabet. */
export type RolloutId = string & { readonly [rolloutIdBrand]: true };

const ROLLOUT_ID = /^[\w-]{21}$/;

/** Returns `null` if the text is not the id of a rollout. */
export const parseRolloutId = (text: string): RolloutId | null =>
  ROLLOUT_ID.test(text) ? (text as RolloutId) : null;

export const rolloutIdSchema = z.custom<RolloutId>(
  (value) => typeof value === 'string' && parseRolloutId(value) !== null,
  { error: 'must be a rollout id of 21 letters, digits, _ and -' },
);
