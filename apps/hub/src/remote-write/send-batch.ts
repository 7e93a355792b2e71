import type { Batch } from './disk-queue.ts';
import { snappyBlock } from './snappy-block.ts';

/** Where samples go. */
export type Receiver = {
  readonly url: string;
  /** Value of the header `Authorization`; `null`: none. */
  readonly authorization: string | null;
  /** Booner's version, for the header `User-Agent`. */
  readonly version: string;
};

/** `retryAfterMs`: the pause that the receiver asked for; `null` if it did not. */
export type SendOutcome =
  | { readonly type: 'sent' }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'failed'; readonly reason: string; readonly retryAfterMs: number | null };

const ANSWER_TIMEOUT_MS = 30_000;
/** A receiver does not decide that a hub stays silent for hours. */
const MAX_RETRY_AFTER_MS = 300_000;
const MAX_REASON_CHARACTERS = 300;

/**
 * Sends a batch by remote write 1.0 and interprets the answer as the specification says: 2xx is
 * success, 5xx and 429 are repeated, every other 4xx is final.
 */
export async function sendBatch(
  receiver: Receiver,
  { records }: Pick<Batch, 'records'>,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const { url, authorization, version } = receiver;
  try {
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'manual', // a redirect would turn it into a GET
      headers: {
        'content-encoding': 'snappy',
        'content-type': 'application/x-protobuf',
        'user-agent': `Booner/${version}`,
        'x-prometheus-remote-write-version': '0.1.0',
        ...(authorization === null ? {} : { authorization }),
      },
      body: snappyBlock(records),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
    });
    const text = await answer.text();
    if (answer.ok) return { type: 'sent' };
    const reason = `HTTP ${answer.status} ${text.trim().slice(0, MAX_REASON_CHARACTERS)}`.trim();
    const isFinal = answer.status >= 400 && answer.status < 500 && answer.status !== 429;
    if (isFinal) return { type: 'refused', reason };
    return { type: 'failed', reason, retryAfterMs: retryAfterMs(answer.headers.get('retry-after')) };
  } catch (error) {
    return { type: 'failed', reason: reasonOf(error), retryAfterMs: null };
  }
}

/** Parses `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3). */
function retryAfterMs(header: string | null): number | null {
  if (header === null) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? null : Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS);
}

/** `fetch` reports only that it failed; its cause has the code of the system. */
function reasonOf(error: unknown): string {
  const { cause, message, name } = error as Error;
  if (name === 'TimeoutError') return 'no answer within 30 s';
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return code ?? (cause instanceof Error ? cause.message : message);
}
