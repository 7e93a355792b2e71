import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { connect } from 'node:tls';

const DEADLINE_MS = 60_000;

export type TlsAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
};

export type TlsRequestOptions = {
  readonly headers?: Readonly<Record<string, string>>;
  /** Goes as JSON, by POST. */
  readonly body?: object;
  /** Address of the client, in 127.0.0.0/8. */
  readonly localAddress?: string;
};

/** Sends a request over a TLS connection of its own that trusts only these authorities. */
export async function tlsRequest(
  url: string,
  ca: readonly string[],
  { headers = {}, body, localAddress = '127.0.0.1' }: TlsRequestOptions = {},
): Promise<TlsAnswer> {
  const content = body === undefined ? {} : { 'content-type': 'application/json' };
  const outgoing = request(url, {
    method: body === undefined ? 'GET' : 'POST',
    ca: [...ca],
    headers: { ...content, ...headers },
    agent: false,
    signal: AbortSignal.timeout(DEADLINE_MS),
    family: 4,
    localAddress,
  });
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  const [answer] = await once(outgoing, 'response');
  const chunks: Buffer[] = await answer.toArray();
  return { status: answer.statusCode, headers: answer.headers, text: Buffer.concat(chunks).toString() };
}

/**
 * The SHA-256 of the certificate that a new connection is shown. Rejects when the handshake fails.
 */
export async function certificateShown(port: number, ca: readonly string[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', ca: [...ca] });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(DEADLINE_MS) });
    return socket.getPeerCertificate().fingerprint256;
  } finally {
    socket.destroy();
  }
}
