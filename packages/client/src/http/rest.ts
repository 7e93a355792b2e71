import type { Problem } from '@booner/protocol';
import { BoonerError, type BoonerErrorCode } from './booner-error.ts';

export type RestOptions = {
  /** Ends with `/`. */
  readonly baseUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  /** Deadline of requests that have none of their own. */
  readonly timeoutMs: number;
  /** Ends all requests with its reason. */
  readonly closed: AbortSignal;
};

type RestRequest = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Without a leading `/`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
};

/**
 * Sends a request to the hub. Returns `null` for an answer without content. Rejects with
 * {@link BoonerError}, or with the signal's reason.
 */
export type Rest = (request: RestRequest) => Promise<unknown>;

type DownloadRequest = Pick<RestRequest, 'path' | 'query' | 'signal'> & { readonly accept: string };

/**
 * Requests a file of any size. Rejects as {@link Rest} does; reading the file rejects if the
 * connection ends before the file. There is no deadline.
 */
export type Download = (request: DownloadRequest) => Promise<ReadableStream<Uint8Array>>;

export const createRest =
  (options: RestOptions): Rest =>
  ({ timeoutMs = options.timeoutMs, ...request }) =>
    send(options, { ...request, timeoutMs }, async (response) => parse(response, await response.text()));

export const createDownload =
  (options: RestOptions): Download =>
  ({ accept, ...request }) =>
    send(options, { ...request, headers: { accept }, timeoutMs: null }, async ({ body }) => {
      if (body === null) throw new BoonerError('bad_answer', 'the hub did not answer with a file');
      return body;
    });

type SentRequest = Omit<RestRequest, 'timeoutMs'> & { readonly timeoutMs: number | null };

/** @param read takes what the hub answered, within the deadline */
async function send<T>(
  { baseUrl, fetch, headers, closed }: RestOptions,
  { method = 'GET', path, query = {}, headers: own = {}, body, signal, timeoutMs }: SentRequest,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  closed.throwIfAborted();
  const url = new URL(path, baseUrl);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  // Serialized outside the try block: a body that is not JSON is a mistake of the caller, not an
  // unreachable hub.
  const content = body === undefined ? undefined : JSON.stringify(body);
  const timeout = timeoutMs === null ? null : AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, timeout, closed].filter((one) => one != null));
  /** Reason why the request was aborted, if it was. */
  const explain = (error: unknown): unknown => {
    if (signal?.aborted) return signal.reason;
    if (closed.aborted) return closed.reason;
    if (!timeout?.aborted) return error;
    return new BoonerError('timeout', `the hub did not answer within ${timeoutMs} ms`);
  };
  const access = await untilAborted(headers(), either).catch((error) => {
    throw explain(error);
  });
  try {
    const response = await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(content === undefined ? {} : { 'content-type': 'application/json' }),
        ...access,
        ...own,
      },
      ...(content === undefined ? {} : { body: content }),
      cache: 'no-store',
      signal: either,
    });
    if (!response.ok) throw refusal(response, await response.text());
    return await read(response);
  } catch (cause) {
    const error = explain(cause);
    if (error !== cause || error instanceof BoonerError) throw error;
    throw new BoonerError('unreachable', `the hub cannot be reached${originHint(baseUrl)}`, { cause });
  }
}

/**
 * Names the setting that pages of other origins need. A browser does not tell a page whether a hub
 * refused its origin or is down.
 */
function originHint(baseUrl: string): string {
  const { location } = globalThis as { location?: { readonly origin?: string } };
  const origin = location?.origin;
  if (origin === undefined || origin === new URL(baseUrl).origin) return '';
  return `. If it is running, add ${origin} to its BOONER_ALLOWED_ORIGINS`;
}

/** Waits until the signal aborts at the latest. For promises that accept no signal. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function parse(response: Response, text: string): unknown {
  if (response.status === 204) return null;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const { status, url } = response;
    throw new BoonerError('bad_answer', `${url} did not answer with JSON: it is not a hub`, {
      status,
      cause,
    });
  }
}

function refusal({ status, headers }: Response, text: string): BoonerError {
  const problem = readProblem(text);
  const message =
    problem === null ? `the hub answered with status ${status}` : problem.detail || problem.title;
  return new BoonerError(codeOf(status), message, {
    status,
    problem,
    retryAfterMs: readRetryAfterMs(headers.get('retry-after')),
  });
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

/** Parses seconds (RFC 9110 section 10.2.3). Hubs do not send dates. */
function readRetryAfterMs(header: string | null): number | null {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : null;
}

function codeOf(status: number): BoonerErrorCode {
  const known: Readonly<Record<number, BoonerErrorCode>> = {
    401: 'unauthorized',
    403: 'forbidden',
    404: 'not_found',
    409: 'conflict',
    429: 'busy',
    503: 'busy',
  };
  return known[status] ?? (status >= 500 ? 'failed' : 'invalid');
}
