import { CliError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';

/**
 * Creates the error for a download that ended too early. Keeps errors that are for users already.
 */
export const cutOff = (error: unknown): unknown =>
  error instanceof CliError || (error as NodeJS.ErrnoException).syscall !== undefined
    ? error
    : new CliError('the connection to the hub ended before its answer', EXIT.unreachable, 'try again', {
        cause: error,
      });
