/**
 * - `needs_two_readings`: a rate at its first reading, or after a restart of its counters
 * - `bad_format`: the system's text is not as documented
 * - `unanswered`: no answer in time
 * - `stopped`: the sampler was disposed
 */
export type SamplerErrorCode = 'needs_two_readings' | 'bad_format' | 'unanswered' | 'stopped';

/** A failed measurement. The message becomes the reason in `unavailable`. */
export class SamplerError extends Error {
  override readonly name = 'SamplerError';
  readonly code: SamplerErrorCode;

  constructor(code: SamplerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The reason for a rate that is not known yet. */
export const needsTwoReadings = (): SamplerError =>
  new SamplerError('needs_two_readings', 'needs two readings');

/** Bound of a reason in the protocol's schema. */
const REASON_MAX_LENGTH = 500;

/** Describes an error in one sentence that fits in `unavailable`. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.slice(0, REASON_MAX_LENGTH);
}
