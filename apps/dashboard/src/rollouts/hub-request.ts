import { BoonerError, type BoonerErrorCode } from '@booner/client';
import type { Problem } from '@booner/protocol';

/** Requests that take longer fail, unless they have a deadline of their own. */
const TIMEOUT_MS = 5000;

export type HubRequest = {
  readonly method?: 'GET' | 'POST';
  /** With a leading `/`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
};

/**
 * Sends a request to the hub that served this page, for routes that the client has no method for.
 * Rejects with `BoonerError` as the client does, or with the signal's reason.
 */
export async function requestHub<Answer>(request: HubRequest): Promise<Answer> {
  const { method = 'GET', path, query = {}, headers = {}, body, signal, timeoutMs = TIMEOUT_MS } = request;
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const content = body === undefined ? undefined : JSON.stringify(body);
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(content === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(content === undefined ? {} : { body: content }),
      cache: 'no-store',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const text = await response.text();
    if (!response.ok) throw refusalOf(response.status, text);
    return readAnswer(response, text) as Answer;
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    if (cause instanceof BoonerError) throw cause;
    if (timeout.aborted) {
      throw new BoonerError('timeout', `the hub did not answer within ${timeoutMs / 1000} s`, { cause });
    }
    throw new BoonerError('unreachable', 'the hub cannot be reached', { cause });
  }
}

function readAnswer({ status }: Response, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BoonerError('bad_answer', 'the answer is not JSON: it is not a hub', { status, cause });
  }
}

function refusalOf(status: number, text: string): BoonerError {
  const problem = readProblem(text);
  const message =
    problem === null ? `the hub answered with status ${status}` : problem.detail || problem.title;
  return new BoonerError(codeOf(status), message, { status, problem });
}

/** Returns `null` if a proxy answered instead of a hub. */
function readProblem(text: string): Problem | null {
  try {
    const problem = JSON.parse(text) as Partial<Problem> | null;
    return typeof problem?.title === 'string' && typeof problem.detail === 'string'
      ? (problem as Problem)
      : null;
  } catch {
    return null; // not JSON, so not a problem document
  }
}

const CODES: Readonly<Record<number, BoonerErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  429: 'busy',
  503: 'busy',
};

const codeOf = (status: number): BoonerErrorCode => CODES[status] ?? (status >= 500 ? 'failed' : 'invalid');
