import type { BoonerError, BoonerErrorCode } from '@booner/client';
import { EXIT } from './exit-codes.ts';

/** An end that whoever typed the command has to know of: one sentence, and what mends it. */
export class CliError extends Error {
  readonly code = 'cli_error';
  readonly exitCode: number;
  /** A command or a phrase; `null` when there is nothing to advise. */
  readonly mend: string | null;

  constructor(message: string, exitCode: number, mend: string | null = null, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CliError';
    this.exitCode = exitCode;
    this.mend = mend;
  }
}

/** A command line that cannot be followed. */
export const usageError = (message: string, mend: string | null = null): CliError =>
  new CliError(message, EXIT.usage, mend);

const EXIT_CODES: Readonly<Record<BoonerErrorCode, number>> = {
  unreachable: EXIT.unreachable,
  timeout: EXIT.unreachable,
  bad_answer: EXIT.unreachable,
  unauthorized: EXIT.refused,
  forbidden: EXIT.refused,
  not_found: EXIT.notFound,
  conflict: EXIT.failed,
  invalid: EXIT.usage,
  busy: EXIT.failed,
  failed: EXIT.failed,
};

/** What a request to a hub came to, in words for people. */
export function fromBoonerError(error: BoonerError, hubUrl: string): CliError {
  const fields = error.errors
    .filter(({ detail }) => !error.message.includes(detail))
    .map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`)
    .join('; ');
  const isOfHub = error.code === 'unreachable' || error.code === 'timeout' || error.code === 'bad_answer';
  const reason = causeOf(error);
  const message =
    (isOfHub ? `${hubUrl}: ${error.message}` : error.message) +
    (reason === '' ? '' : ` (${reason})`) +
    (fields === '' ? '' : ` (${fields})`);
  return new CliError(message, EXIT_CODES[error.code], mendOf(error), { cause: error });
}

function mendOf({ code }: BoonerError): string | null {
  switch (code) {
    case 'unreachable':
    case 'timeout':
    case 'bad_answer':
      return '`booner doctor` finds out why; --hub URL names another hub';
    case 'unauthorized':
      return '`booner login` stores a token for this hub';
    case 'forbidden':
      return 'an admin makes a token that may: `booner token create NAME --role …`';
    default:
      return null;
  }
}

/** `fetch` hides why it failed two causes down. */
function causeOf(error: Error): string {
  let cause = error.cause;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  if (cause instanceof AggregateError) cause = cause.errors[0];
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : '';
}
