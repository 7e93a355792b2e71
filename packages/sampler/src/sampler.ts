import type { Measurements } from '@booner/protocol';

/** Takes measurements of this machine. */
export type Sampler = {
  /**
   * Takes one set of measurements. Never rejects: what cannot be read is `null` with its reason in `unavailable`. Returns
   * within the deadline of a sensor (1 s), whatever hangs. MUST NOT be called while a call is pending.
   */
  sample(): Promise<Measurements>;
};
