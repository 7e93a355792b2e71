import { CliError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';

/** Somebody pressed Ctrl-C. */
export const interruptedError = (mend: string | null = null): CliError =>
  new CliError('interrupted', EXIT.interrupted, mend);

/**
 * A signal that aborts on the first SIGINT or SIGTERM instead of the end of the process. A second one ends it at once.
 */
export function interruption(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort(interruptedError());
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
