import { type JsonObject, MAX_ERROR_CHARACTERS, type Outcome } from '@booner/protocol';
import { cutSentence } from '../log/cut-text.ts';

export type Exit = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Further details of the reason. */
  readonly remark?: string;
};

export const failed = (error: string): Outcome => ({
  status: 'failed',
  result: null,
  error: cutSentence(error, MAX_ERROR_CHARACTERS),
});

/** Returns the outcome of a task that met an error of the runner itself. */
export const couldNotRun = (error: unknown): Outcome =>
  failed(`the runner could not run it: ${error instanceof Error ? error.message : String(error)}`);

export const timeoutText = (seconds: number): string => `timed out after ${seconds} s`;

/** Error of a process that failed without writing to stderr. */
export const exitText = (code: number | null): string => `exit code ${code}`;

/**
 * Returns the outcome of a process that failed by itself. The result has its `exitCode`, unless a
 * signal ended it.
 * @param lastError its last line on stderr
 */
export const failedExit = ({ code, signal, remark }: Exit, lastError: string | null): Outcome => {
  const error = lastError ?? (signal === null ? exitText(code) : `killed by ${signal}`);
  return {
    ...failed(remark === undefined ? error : `${error}; ${remark}`),
    result: code === null ? null : { exitCode: code },
  };
};

/** @param result written by the process; `null`: its last line on stdout takes its place */
export const completed = (result: JsonObject | null, lastLine: string | null): Outcome => ({
  status: 'completed',
  result: result ?? { details: lastLine ?? 'Task completed successfully' },
  error: null,
});
