/**
 * - `damaged`: stored data cannot be read
 * - `locked`: another hub uses the same folder
 * - `newer_format`: the file was written by a newer version
 * - `disk`: the file system is full, read-only or failing
 * - `busy`: too many requests wait
 * - `too_large`: an answer would have too many values
 * - `closed`: the history has been closed
 */
export type HistoryErrorCode =
  | 'damaged'
  | 'locked'
  | 'newer_format'
  | 'disk'
  | 'busy'
  | 'too_large'
  | 'closed';

export class HistoryError extends Error {
  override readonly name = 'HistoryError';
  readonly code: HistoryErrorCode;

  constructor(code: HistoryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
