/**
 * - `damaged`: stored data cannot be read
 * - `locked`: another hub uses the same folder
 * - `newer_format`: the file was written by a newer version
 * - `disk`: the file system is full, read-only or failing
 * - `closed`: the history has been closed
 */
export type HistoryErrorCode = 'damaged' | 'locked' | 'newer_format' | 'disk' | 'closed';

export class HistoryError extends Error {
  override readonly name = 'HistoryError';
  readonly code: HistoryErrorCode;

  constructor(code: HistoryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
