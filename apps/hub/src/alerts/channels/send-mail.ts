import { connect, type Socket } from 'node:net';
import type { SendOutcome } from '@booner/protocol';
import { timeoutSignal, unlessAborted } from '@booner/service';
import type { NodemailerError, SendMailOptions } from 'nodemailer';
import { answerText } from './answer-text.ts';
import { type Destination, findDestination } from './destination.ts';
import type { SendDeps } from './outgoing-request.ts';
import { createRedact } from './redact.ts';

/** A message as nodemailer takes it. */
export type Mail = SendMailOptions;

export type MailServer = {
  readonly host: string;
  readonly port: number;
  /** `none`: the connection is not encrypted. */
  readonly tls: 'starttls' | 'implicit' | 'none';
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly allowPrivate: boolean;
};

/** For everything, from the name to the reply. Mail servers may delay replies on purpose. */
const TOTAL_TIMEOUT_MS = 20_000;
const MAX_REPLY_BYTES = 65_536;

/**
 * Makes one attempt to send a message. Replies 5xx of the server are rejections, except 503; 4xx
 * and failures of the connection are to be retried (RFC 5321, section 4.2.1). The message counts as
 * delivered once the server accepts it for one of the recipients.
 */
export async function sendMail(
  mail: Mail,
  server: MailServer,
  { resolve, signal }: SendDeps,
): Promise<SendOutcome> {
  const redact = createRedact(server.password === undefined ? [] : [server.password]);
  const outcome = (type: 'rejected' | 'retry', reason: string): SendOutcome => {
    const answer = answerText(reason, redact);
    return type === 'rejected' ? { type, answer } : { type, answer, retryAfterMs: null };
  };
  const timeout = timeoutSignal(TOTAL_TIMEOUT_MS);
  const either = AbortSignal.any([signal, timeout]);
  const reasonOfEnd = () => (timeout.aborted ? 'no reply within 20 s' : 'stopped before a reply');
  const { host, allowPrivate } = server;
  let socket: Socket | null = null;
  try {
    const destination = await unlessAborted(findDestination(host, { allowPrivate, resolve }), either);
    if (destination === 'aborted') return outcome('retry', reasonOfEnd());
    if (destination.type !== 'allowed') {
      return outcome(destination.type === 'refused' ? 'rejected' : 'retry', destination.reason);
    }
    socket = await openSocket(server, destination, either);
    const transport = await transportOver(socket, server);
    const { response, rejected } = await transport.sendMail({ ...mail, signal: either });
    const refused = rejected.length === 0 ? '' : `; refused for ${rejected.join(', ')}`;
    return { type: 'delivered', answer: answerText(`${response}${refused}`, redact) };
  } catch (error) {
    if (either.aborted) return outcome('retry', reasonOfEnd());
    const { permanent = false, message, command } = error as NodemailerError;
    const hint =
      permanent && command === 'STARTTLS' ? ': set tls to implicit, or to none if that is intended' : '';
    return outcome(permanent ? 'rejected' : 'retry', `${message}${hint}`);
  } finally {
    socket?.destroy();
  }
}

/** Connects to an address that was checked. The name stays the one that certificates are for. */
async function openSocket(
  { host, port }: MailServer,
  { lookup }: Extract<Destination, { type: 'allowed' }>,
  signal: AbortSignal,
): Promise<Socket> {
  const socket = connect({ host, port, lookup, signal });
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  socket.once('connect', () => resolve(socket));
  socket.once('error', reject);
  return await promise;
}

async function transportOver(socket: Socket, { host, port, tls, user, password }: MailServer) {
  // Loaded on demand: many hubs send no e-mail.
  const { createTransport } = await import('nodemailer');
  return createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
    getSocket: (_options, callback) => callback(null, { connection: socket }),
    maxResponseSize: MAX_REPLY_BYTES,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
