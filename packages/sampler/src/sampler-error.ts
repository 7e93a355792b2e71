/**
 * - `needs_two_readings`: a rate whose first reading was just taken, or whose counters were restarted since the last
 * - `bad_format`: the system's text is not as documented
 * - `unanswered`: something did not answer in time
 * - `stopped`: the sampler was disposed
 */
export type SamplerErrorCode = 'needs_two_readings' | 'bad_format' | 'unanswered' | 'stopped';

/** Why something could not be measured; the message becomes the reason in `unavailable`. */
export class SamplerError extends Error {
  override readonly name = 'SamplerError';
  readonly code: SamplerErrorCode;

  constructor(code: SamplerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The reason that stands beside a rate which is not known yet. */
export const needsTwoReadings = (): SamplerError =>
  new SamplerError('needs_two_readings', 'needs two readings');

/** Bound of a reason in the protocol's schema. */
const REASON_MAX_LENGTH = 500;

/** What went wrong, as one sentence that fits in `unavailable`. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.slice(0, REASON_MAX_LENGTH);
}
