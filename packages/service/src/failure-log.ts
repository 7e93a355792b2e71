import type { Logger } from './logger.ts';

/**
 * Decides how a loop handles an error. Errors declare it in a field `failureKind`:
 * - `reported`: something else reports it, such as the log of a connection, so the loop does not
 * - `expected`: its message is a sentence for operators, logged without a stack
 * - `fatal`: retrying cannot help, so the loop ends
 *
 * Any other error is a defect, and logged with its stack.
 */
export type FailureKind = 'reported' | 'expected' | 'fatal';

export function failureKindOf(error: unknown): FailureKind | 'defect' {
  return (error as { failureKind?: FailureKind } | null)?.failureKind ?? 'defect';
}

/** Logs failures of jobs that are repeated: transitions only, whatever the number of attempts. */
export type FailureLog = {
  /** Adds a job. */
  job(): Job;
};

type Job = {
  failed(error: unknown): void;
  worked(): void;
};

export type FailureTexts = {
  /** Logged when a first job fails, and again for each error with another message. */
  readonly failing: string;
  /** Logged when all jobs work again. */
  readonly recovered: string;
};

/** Distinct messages of one outage that are logged. */
const MAX_MESSAGES = 10;

export function createFailureLog(
  log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>,
  { failing, recovered }: FailureTexts,
): FailureLog {
  const failingJobs = new Set<Job>();
  const logged = new Set<string>();

  const logFailure = (error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    if (logged.has(reason) || logged.size >= MAX_MESSAGES) return;
    logged.add(reason);
    if (failureKindOf(error) === 'defect') log.error({ err: error }, failing);
    else log.warn({ reason }, failing);
  };
  return {
    job: () => {
      const job: Job = {
        failed: (error) => {
          if (failureKindOf(error) === 'reported') return log.debug({ err: error }, failing);
          failingJobs.add(job);
          logFailure(error);
        },
        worked: () => {
          if (!failingJobs.delete(job) || failingJobs.size > 0) return;
          logged.clear();
          log.info(recovered);
        },
      };
      return job;
    },
  };
}
