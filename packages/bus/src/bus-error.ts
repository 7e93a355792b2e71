/**
 * What went wrong with the bus: `bad_url` and `bad_certificate` are faults of the configuration; `disconnected`: it cannot be
 * reached; `timeout`: it did not answer in time; `refused`: it answered with an error, such as `NOPERM` or `OOM`.
 */
export type BusErrorCode = 'bad_url' | 'bad_certificate' | 'disconnected' | 'timeout' | 'refused';

export class BusError extends Error {
  readonly code: BusErrorCode;

  constructor(code: BusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BusError';
    this.code = code;
  }
}
