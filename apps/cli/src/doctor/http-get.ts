import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';

const RESPONSE_DEADLINE_MS = 5000;
const MAX_CHARACTERS = 10_000_000;

export type HttpOutcome =
  | {
      readonly type: 'response';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly text: string;
      readonly ms: number;
    }
  | { readonly type: 'none'; readonly code: string };

/** Sends a GET request. Does not follow redirects, and returns every response, even an error. */
export function httpGet(url: string, token: string | null = null): Promise<HttpOutcome> {
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
        signal: AbortSignal.timeout(RESPONSE_DEADLINE_MS),
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          if (text.length < MAX_CHARACTERS) text += chunk;
        });
        response.on('error', () => resolve({ type: 'none', code: 'the response was cut off' }));
        response.on('end', () => {
          const { statusCode = 0, headers } = response;
          resolve({ type: 'response', status: statusCode, headers, text, ms: performance.now() - startMs });
        });
      },
    );
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const isTimeout = error.name === 'TimeoutError' || error.name === 'AbortError';
      resolve({
        type: 'none',
        code: isTimeout
          ? `no response within ${RESPONSE_DEADLINE_MS / 1000} s`
          : (error.code ?? error.message),
      });
    });
    outgoing.end();
  });
}

/** Parses JSON; returns `null` for anything but an object or an array. */
export function parseJson(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Returns the name of a proxy from the headers `Server` and `Via`, or `null` without these. */
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
