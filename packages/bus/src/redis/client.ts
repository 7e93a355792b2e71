import { aborted } from '@booner/service/abort';
import { Redis, type RedisOptions } from 'ioredis';
import { BusError } from '../bus-error.ts';
import type { Life } from './keep-connected.ts';

/**
 * Connects, logs in, and returns when commands can be sent. The connection ends with the life, and the life with the connection; it
 * is never made again.
 * @throws BusError `disconnected` with the reason
 */
export async function openClient(options: RedisOptions, life: Life): Promise<Redis> {
  if (life.signal.aborted) throw stopped();
  const redis = new Redis(options);
  let reason: string | undefined;
  redis.on('error', (error) => {
    reason ??= messageOf(error);
  });
  redis.once('end', () => life.end(reason ?? 'the server closed the connection'));
  life.signal.addEventListener('abort', () => part(redis), { once: true });
  // A search for the master among Sentinels does not heed disconnect() at once.
  const cancelled = aborted(life.signal).then(() => Promise.reject(stopped()));
  try {
    await Promise.race([redis.connect(), cancelled]);
  } catch (cause) {
    throw new BusError('disconnected', reason ?? messageOf(cause), { cause });
  }
  return redis;
}

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
  isReply(error) && /^(NOGROUP|UNBLOCKED)/.test(error.message);

/** What a failed command means: `refused` when Redis answered, else `timeout` or `disconnected`. */
export function toBusError(error: unknown): BusError {
  const message = messageOf(error);
  if (error instanceof BusError) return error;
  if (isReply(error)) return new BusError('refused', message, { cause: error });
  const code = message === 'Command timed out' ? 'timeout' : 'disconnected';
  return new BusError(code, message, { cause: error });
}

/** For `catch` of a command's promise. */
export const rethrow = (error: unknown): never => {
  throw toBusError(error);
};

/** Node.js joins the failures of several addresses of one host in an error without a message. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return inWords(error instanceof Error ? error.message : String(error));
}

/** What Redis' answers about users mean, and what to do. */
const MEANINGS: Readonly<Record<string, string>> = {
  NOPERM: 'this user of Redis has too few rights: docs/redis.md has the rights of each',
  WRONGPASS: 'the password is another one, or there is no such user of Redis (any more)',
  NOAUTH: 'this Redis wants a user and a password',
};

/** The message of an answer, with what it means where that is no matter of course. */
export function inWords(message: string): string {
  const meaning = MEANINGS[message.split(' ', 1)[0] ?? ''];
  return meaning === undefined || message.endsWith(`(${meaning})`) ? message : `${message} (${meaning})`;
}
