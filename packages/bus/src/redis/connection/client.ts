import { aborted } from '@booner/service/abort';
import { Redis, type RedisOptions } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import { CLOSED, NO_ANSWER, replyText, systemText } from './failure-text.ts';
import type { ConnectionScope } from './keep-connected.ts';

/**
 * Connects, logs in, and returns when commands can be sent. The connection ends with the scope, and the scope with the connection; it
 * is never made again.
 * @throws BusError `disconnected`, or `refused` when Redis does not let this user in, with the reason
 */
export async function openClient(options: RedisOptions, scope: ConnectionScope): Promise<Redis> {
  if (scope.signal.aborted) throw stopped();
  const redis = new Redis(options);
  let reason: BusError | undefined;
  const explain = (cause: unknown): BusError => {
    const socket: Redis['stream'] | undefined = redis.stream;
    const error = toBusError(cause);
    // As long as there is no socket the Sentinels are asked. The client does not say what became of each.
    if (options.sentinels === undefined || socket !== undefined || cause === error) return error;
    return new BusError('disconnected', noMaster(options), { cause });
  };
  redis.on('error', (error) => {
    reason ??= explain(error);
  });
  redis.once('end', () => scope.end(reason ?? new BusError('disconnected', CLOSED)));
  scope.signal.addEventListener('abort', () => part(redis), { once: true });
  // A search for the master among Sentinels does not heed disconnect() at once.
  const cancelled = aborted(scope.signal).then(() => Promise.reject(stopped()));
  try {
    await Promise.race([redis.connect(), cancelled]);
  } catch (cause) {
    throw reason ?? explain(cause);
  }
  return redis;
}

const noMaster = ({ name, sentinels = [] }: RedisOptions): string =>
  `no Sentinel names the master ${JSON.stringify(name)}: check that ` +
  `${sentinels.map(({ host, port }) => `${host}:${port}`).join(', ')} can be reached, and the name`;

/**
 * Closes a connection in whatever state it is. ioredis ends the socket in good order also in the middle of a TLS handshake, which
 * makes OpenSSL fail (`tlsv1 alert decode error`) when ioredis's own one-time error listeners may be used up: the
 * process would end. So a handshake is cut off, and errors of a connection that is being given up are listened for.
 */
function part(redis: Redis): void {
  if (redis.status === 'end') return;
  const socket: Redis['stream'] | undefined = redis.stream;
  const established = redis.status === 'ready';
  redis.disconnect();
  socket?.on('error', () => {});
  if (!established) socket?.destroy();
}

const stopped = () => new BusError('disconnected', 'stopped');

/** Whether Redis itself answered with an error. */
export const isReply = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'ReplyError';

/** Whether a consumer group, or its stream, is not there, or went away while a command waited for it. */
export const isGroupGone = (error: unknown): boolean =>
  ['NOGROUP', 'UNBLOCKED'].includes(replyOf(error) ?? '');

/** First word of Redis' answer, such as `NOPERM`; `null` for any other error. */
export const replyOf = (error: unknown): string | null =>
  isReply(error) ? (error.message.split(' ', 1)[0] ?? null) : null;

/** Redis answers so while it is not ready yet: that passes by itself. */
const NOT_READY: readonly string[] = ['LOADING', 'MASTERDOWN'];

/** Puts the failure of a command in plain words: `refused` when Redis answered, else `timeout` or `disconnected`. */
export function toBusError(cause: unknown): BusError {
  if (cause instanceof BusError) return cause;
  const reply = replyOf(cause);
  if (reply !== null) {
    const { message, command } = cause as ReplyError;
    const code = NOT_READY.includes(reply) ? 'disconnected' : 'refused';
    return new BusError(code, replyText(reply, message, command?.name), { cause, reply });
  }
  const text = systemText(cause);
  if (text !== null) return new BusError('disconnected', text, { cause });
  // These errors of the client have no code.
  const message = cause instanceof Error ? cause.message : '';
  if (message === 'Command timed out') return new BusError('timeout', NO_ANSWER, { cause });
  const isSilent = message.startsWith('Socket timeout.');
  return new BusError('disconnected', isSilent ? NO_ANSWER : CLOSED, { cause });
}

/** As the client makes it. */
type ReplyError = Error & { readonly command?: { readonly name?: string } };

/** For `catch` of a command's promise. */
export const rethrow = (error: unknown): never => {
  throw toBusError(error);
};
