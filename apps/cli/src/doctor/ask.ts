import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';

const ANSWER_DEADLINE_MS = 5000;
const MAX_TEXT = 10_000_000;

export type Answer =
  | {
      readonly type: 'answer';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly text: string;
      readonly ms: number;
    }
  | { readonly type: 'none'; readonly code: string };

/** A GET that follows nothing and hides nothing: every answer counts, whoever gives it. */
export function ask(url: string, token: string | null = null): Promise<Answer> {
  const startMs = performance.now();
  return new Promise((resolve) => {
    const request = url.startsWith('https:') ? httpsRequest : httpRequest;
    const outgoing = request(
      url,
      {
        headers: {
          accept: 'application/json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        agent: false,
        signal: AbortSignal.timeout(ANSWER_DEADLINE_MS),
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          if (text.length < MAX_TEXT) text += chunk;
        });
        response.on('error', () => resolve({ type: 'none', code: 'the answer broke off' }));
        response.on('end', () => {
          const { statusCode = 0, headers } = response;
          resolve({ type: 'answer', status: statusCode, headers, text, ms: performance.now() - startMs });
        });
      },
    );
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const isTimeout = error.name === 'TimeoutError' || error.name === 'AbortError';
      resolve({
        type: 'none',
        code: isTimeout ? `no answer in ${ANSWER_DEADLINE_MS / 1000} s` : (error.code ?? error.message),
      });
    });
    outgoing.end();
  });
}

/** The JSON of a text, or `null`. */
export function parseJson(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Who else than the hub has had its hands in an answer, by what it says of itself; `null`: nobody that says so. */
export function proxyIn(headers: IncomingHttpHeaders): string | null {
  const { server, via } = headers;
  const named = [server, via === undefined ? undefined : `via ${via}`].filter((name) => name !== undefined);
  return named.length === 0
    ? null
    : named
        .join(', ')
        .replace(/[^\x20-\x7e]/g, '')
        .slice(0, 100);
}
