import type { BoonerError, BoonerErrorCode } from '@booner/client';
import { EXIT } from './exit-codes.ts';
import { fieldPath } from './field-path.ts';

/** An error for the user: one sentence, and a hint how to fix it. */
export class CliError extends Error {
  readonly code = 'cli_error';
  readonly exitCode: number;
  /** Next step; `null` if there is nothing to suggest. */
  readonly hint: string | null;

  constructor(message: string, exitCode: number, hint: string | null = null, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CliError';
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

/** Creates an error for an invalid command line or configuration. */
export const usageError = (message: string, hint: string | null = null): CliError =>
  new CliError(message, EXIT.usage, hint);

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
  cannot_seal: EXIT.failed,
  client_closed: EXIT.failed,
};

/** Converts a failed request into an error for the user. */
export function fromBoonerError(error: BoonerError, hubUrl: string): CliError {
  const isUnreachable =
    error.code === 'unreachable' || error.code === 'timeout' || error.code === 'bad_answer';
  const reason = causeOf(error);
  const message =
    (isUnreachable ? `${hubUrl}: ${error.message}` : (invalidFields(error) ?? error.message)) +
    (reason === '' ? '' : ` (${reason})`);
  return new CliError(message, EXIT_CODES[error.code], hintFor(error), { cause: error });
}

/**
 * Returns one clause per invalid field, named as on the command line. `null` for other errors:
 * their message says everything already.
 */
function invalidFields({ code, errors }: BoonerError): string | null {
  if (code !== 'invalid' || errors.length === 0) return null;
  return errors
    .map(({ pointer, detail }) => {
      const path = fieldPath(pointer).replace(/^params\./, '');
      return `${path === '' ? 'the request' : path} ${detail}`;
    })
    .join('; ');
}

function hintFor({ code }: BoonerError): string | null {
  switch (code) {
    case 'unreachable':
    case 'timeout':
    case 'bad_answer':
      return 'run `booner doctor` to find out why, or pass --hub URL to use another hub';
    case 'unauthorized':
      return 'run `booner login` to store a token for this hub';
    case 'forbidden':
      return 'ask an admin for a token with this permission: `booner token create NAME --role …`';
    default:
      return null;
  }
}

/** Returns the innermost cause: `fetch` hides why it failed two levels down. */
function causeOf(error: Error): string {
  let cause = error.cause;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  if (cause instanceof AggregateError) cause = cause.errors[0];
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : '';
}
