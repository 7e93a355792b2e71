import { BusError, isOutage } from '@booner/bus';
import type { Logger } from '@booner/service';

/**
 * Logs the failures of a job that is repeated: each kind once until the job works again. Outages of the bus are left to whoever
 * watches the connection, who logs one line for all jobs.
 */
export function createFailureLog(log: Pick<Logger, 'debug' | 'warn' | 'error'>, text: string) {
  let logged: string | null = null;
  return {
    failed: (error: unknown): void => {
      if (isOutage(error)) {
        log.debug({ err: error }, text);
        return;
      }
      const reason = error instanceof Error ? error.message : String(error);
      if (reason === logged) return;
      logged = reason;
      if (error instanceof BusError) log.warn({ reason }, text);
      else log.error({ err: error }, text); // a defect
    },
    /** @returns whether a failure had been logged */
    worked: (): boolean => {
      const hadFailed = logged !== null;
      logged = null;
      return hadFailed;
    },
  };
}
