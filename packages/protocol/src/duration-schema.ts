import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from './duration.ts';

/** A duration in its text form, which `parseDuration` turns into milliseconds. */
export const durationSchema = ({ min = '0s', max }: { readonly min?: string; readonly max: string }) =>
  z
    .string({ error: 'must be a duration in quotes, such as "5m"' })
    .regex(new RegExp(DURATION_PATTERN), 'must be a duration, such as 30s, 5m, 4h or 1h30m')
    .refine((text) => isWithin(text, min, max), `must be a duration from ${min} to ${max}`);

function isWithin(text: string, min: string, max: string): boolean {
  const durationMs = parseDuration(text) ?? Number.NaN;
  return durationMs >= parseDuration(min)! && durationMs <= parseDuration(max)!;
}
