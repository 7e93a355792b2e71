import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { SendOutcome } from '@booner/protocol';
import { timeoutSignal, unlessAborted } from '@booner/service';
import { answerText } from './answer-text.ts';
import { findDestination, type ResolveHost } from './destination.ts';
import type { Redact } from './redact.ts';

/** A request that a channel renders. */
export type OutgoingRequest = {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for `GET`. */
  readonly body: string | Buffer;
};

/** Dependencies of every channel. */
export type SendDeps = {
  /** Booner's version, for the header `User-Agent`. */
  readonly version: string;
  /** Ends the attempt: its outcome is `retry`. */
  readonly signal: AbortSignal;
  /** Default: the resolver of the system. */
  readonly resolve?: ResolveHost;
};

export type RequestOptions = SendDeps & {
  readonly allowPrivate: boolean;
  readonly redact: Redact;
  /** Statuses that mean a refusal although HTTP does not say so, and the reason. */
  readonly refusals?: Readonly<Record<number, string>>;
};

/** For everything: resolving the name, connecting, sending, and the answer. */
const TOTAL_TIMEOUT_MS = 10_000;
/** Longer answers are cut off. */
const MAX_ANSWER_BYTES = 8192;
/** A receiver does not decide that a channel stays silent for days. */
const MAX_RETRY_AFTER_MS = 3_600_000;
/** 4xx that another attempt may change (RFC 9110, RFC 8470, RFC 6585). */
const TEMPORARY_STATUSES = new Set([408, 425, 429]);

/**
 * Sends a request and interprets the answer: 2xx is delivered, 5xx, 408, 425 and 429 are to be
 * retried, everything else is rejected. Redirects are not followed, since they would lead around
 * the check of the destination. Each request has a connection of its own, to an address that was
 * checked; certificates are verified for the name in the URL.
 */
export async function sendRequest(
  outgoing: OutgoingRequest,
  { allowPrivate, redact, refusals = {}, resolve, signal, version }: RequestOptions,
): Promise<SendOutcome> {
  const timeout = timeoutSignal(TOTAL_TIMEOUT_MS);
  const either = AbortSignal.any([signal, timeout]);
  const retryLater = (reason: string): SendOutcome => ({
    type: 'retry',
    answer: answerText(reason, redact),
    retryAfterMs: null,
  });
  const reasonOfEnd = () => (timeout.aborted ? 'no answer within 10 s' : 'stopped before an answer');
  try {
    const destination = await unlessAborted(
      findDestination(new URL(outgoing.url).hostname, { allowPrivate, resolve }),
      either,
    );
    if (destination === 'aborted') return retryLater(reasonOfEnd());
    if (destination.type === 'unresolved') return retryLater(destination.reason);
    if (destination.type === 'refused') {
      return { type: 'rejected', answer: answerText(destination.reason, redact) };
    }
    const answer = await send(outgoing, { lookup: destination.lookup, signal: either, version });
    return outcomeOf(answer, { redact, refusals });
  } catch (error) {
    return retryLater(either.aborted ? reasonOfEnd() : reasonOf(error));
  }
}

type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
};

type ConnectionOptions = Pick<RequestOptions, 'signal' | 'version'> & {
  readonly lookup: NonNullable<Parameters<typeof requestHttp>[1]>['lookup'];
};

/** @throws the error of the connection, before the status is known */
function send(
  { url, method, headers, body }: OutgoingRequest,
  { lookup, signal, version }: ConnectionOptions,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  const length = method === 'GET' ? {} : { 'content-length': Buffer.byteLength(body) };
  const sent = request(url, {
    method,
    headers: { 'user-agent': `Booner/${version}`, ...headers, ...length },
    agent: false,
    lookup,
    signal,
  });
  sent.on('error', reject);
  sent.once('response', (response) => {
    sent.off('error', reject);
    sent.on('error', () => {}); // ends the body; the status is known
    readStart(response).then(
      (text) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      reject,
    );
  });
  sent.end(body);
  return promise;
}

/** Reads the beginning of an answer. A body that breaks off or hangs does not undo its status. */
async function readStart(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.byteLength;
      if (bytes >= MAX_ANSWER_BYTES) break; // which closes the connection
    }
  } catch {
    // What was read until then is all there is to show.
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8');
}

function outcomeOf(
  { status, headers, text }: Answer,
  { redact, refusals }: Required<Pick<RequestOptions, 'redact' | 'refusals'>>,
): SendOutcome {
  const refusal = refusals[status];
  if (refusal !== undefined) return { type: 'rejected', answer: `HTTP ${status}: ${refusal}` };
  if (status >= 300 && status < 400) {
    const to = headers.location ?? 'nowhere';
    const reason = `HTTP ${status}: redirects to ${to}, which is not followed. Set the URL that it leads to.`;
    return { type: 'rejected', answer: answerText(reason, redact) };
  }
  const answer = answerText(`HTTP ${status} ${text}`, redact);
  if (status >= 200 && status < 300) return { type: 'delivered', answer };
  if (status < 500 && !TEMPORARY_STATUSES.has(status)) return { type: 'rejected', answer };
  return { type: 'retry', answer, retryAfterMs: retryAfterMs(headers['retry-after']) };
}

/**
 * Parses `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3). At most an hour. Some
 * services send fractions of a second.
 */
function retryAfterMs(header: string | undefined): number | null {
  if (header === undefined) return null;
  const ms = /^\d+(\.\d+)?$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? null : Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS);
}

/** An error of several addresses has no message, but their errors have. */
function reasonOf(error: unknown): string {
  const { code, message, errors } = error as NodeJS.ErrnoException & { errors?: readonly Error[] };
  return message || errors?.map((each) => each.message).join('; ') || code || 'failed';
}
