/**
 * Reasons why a runner cannot start or continue. `state_locked`: another runner uses the state
 * directory. `state_unusable`: the directory or a file in it cannot be read, written or parsed.
 * `launcher_lost`: the launcher cannot be reached, or its connection has ended.
 */
export type RunnerErrorCode = 'state_locked' | 'state_unusable' | 'launcher_lost';

export class RunnerError extends Error {
  readonly code: RunnerErrorCode;

  constructor(code: RunnerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RunnerError';
    this.code = code;
  }
}
