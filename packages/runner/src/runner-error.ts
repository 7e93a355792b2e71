/**
 * Reasons why a runner cannot start. `state_locked`: another runner uses the state directory.
 * `state_unusable`: the directory or a file in it cannot be read, written or parsed.
 */
export type RunnerErrorCode = 'state_locked' | 'state_unusable';

export class RunnerError extends Error {
  readonly code: RunnerErrorCode;

  constructor(code: RunnerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RunnerError';
    this.code = code;
  }
}
