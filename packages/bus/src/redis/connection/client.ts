import { aborted } from '@booner/service/abort';
import { Redis, type RedisOptions } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import { CLOSED, NO_ANSWER, replyText, systemText } from './failure-text.ts';
import type { HostPasswords } from './host-passwords.ts';
import type { ConnectionScope } from './keep-connected.ts';

/**
 * Connects, logs in, and returns when commands can be sent. The connection ends with the scope, and
 * the scope with the connection. It does not reconnect.
 * @throws BusError `disconnected`, or `refused` if Redis rejects the user, with the reason
 */
export async function openClient(options: RedisOptions, scope: ConnectionScope): Promise<Redis> {
  if (scope.signal.aborted) throw stopped();
  const redis = new Redis(options);
  let reason: BusError | undefined;
  const explain = (cause: unknown): BusError => {
    const socket: Redis['stream'] | undefined = redis.stream;
    const error = toBusError(cause);
    // Without a socket the Sentinels were being asked. ioredis does not say how each of them
    // failed.
    if (options.sentinels === undefined || socket !== undefined || cause === error) return error;
    return new BusError('disconnected', noMaster(options), { cause });
  };
  redis.on('error', (error) => {
    reason ??= explain(error);
  });
  scope.signal.addEventListener('abort', () => close(redis), { once: true });
  // While ioredis asks the Sentinels, disconnect() takes effect late.
  const cancelled = aborted(scope.signal).then(() => Promise.reject(stopped()));
  try {
    await Promise.race([redis.connect(), cancelled]);
  } catch (cause) {
    close(redis);
    throw reason ?? explain(cause);
  }
  redis.once('end', () => scope.end(reason ?? new BusError('disconnected', CLOSED)));
  return redis;
}

/**
 * Opens a client with the first of a host's passwords that Redis accepts, or without them with the
 * one in the options. Throws as {@link openClient} does.
 */
export async function openHostClient(
  options: RedisOptions,
  scope: ConnectionScope,
  passwords: HostPasswords | undefined,
): Promise<Redis> {
  if (passwords === undefined) return openClient(options, scope);
  let refusal: unknown;
  for (const password of passwords.candidates()) {
    try {
      const redis = await openClient({ ...options, password }, scope);
      await passwords.accepted(password);
      return redis;
    } catch (error) {
      if (!(error instanceof BusError) || error.reply !== 'WRONGPASS') throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

const noMaster = ({ name, sentinels = [] }: RedisOptions): string =>
  `no Sentinel names the master ${JSON.stringify(name)}: check that ` +
  `${sentinels.map(({ host, port }) => `${host}:${port}`).join(', ')} can be reached, and the name`;

/**
 * Closes a connection in any state. In the middle of a TLS handshake, ioredis ends the socket
 * gracefully, which makes OpenSSL fail (`tlsv1 alert decode error`). By then the one-time error
 * listeners of ioredis may be used up, and the error would end the process. So a handshake is cut
 * off, and errors of a connection that is being closed are ignored.
 */
function close(redis: Redis): void {
  if (redis.status === 'end') return;
  const socket: Redis['stream'] | undefined = redis.stream;
  const established = redis.status === 'ready';
  redis.disconnect();
  socket?.on('error', () => {});
  if (!established) socket?.destroy();
}

const stopped = () => new BusError('disconnected', 'stopped');

/** Returns true for an error that Redis answered with. */
export const isReply = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'ReplyError';

/**
 * Returns true if a consumer group or its stream does not exist, or was removed while a command
 * waited.
 */
export const isGroupGone = (error: unknown): boolean =>
  ['NOGROUP', 'UNBLOCKED'].includes(replyOf(error) ?? '');

/**
 * Returns the reply code of Redis, the first word of its error such as `NOPERM`; `null` for other
 * errors.
 */
export const replyOf = (error: unknown): string | null =>
  isReply(error) ? (error.message.split(' ', 1)[0] ?? null) : null;

/** Reply codes of a Redis that is not ready yet and will be. */
const NOT_READY: readonly string[] = ['LOADING', 'MASTERDOWN'];

/**
 * Explains the failure of a command: `refused` if Redis answered, else `timeout` or `disconnected`.
 */
export function toBusError(cause: unknown): BusError {
  if (cause instanceof BusError) return cause;
  const reply = replyOf(cause);
  if (reply !== null) {
    const { message, command, previousErrors: [refusal] = [] } = cause as ReplyError;
    if (refusal !== undefined) return toBusError(refusal);
    const code = NOT_READY.includes(reply) ? 'disconnected' : 'refused';
    return new BusError(code, replyText(reply, message, command?.name), { cause, reply });
  }
  const text = systemText(cause);
  if (text !== null) return new BusError('disconnected', text, { cause });
  // These errors of ioredis have no code, so their texts are compared, only here.
  const message = cause instanceof Error ? cause.message : '';
  if (message === 'Command timed out') return new BusError('timeout', NO_ANSWER, { cause });
  const isSilent = message.startsWith('Socket timeout.');
  return new BusError('disconnected', isSilent ? NO_ANSWER : CLOSED, { cause });
}

/** Error of ioredis for an error reply. */
type ReplyError = Error & {
  readonly command?: { readonly name?: string };
  /** For a transaction that was discarded: why its commands were refused. */
  readonly previousErrors?: readonly ReplyError[];
};

/** Rethrows the failure of a command as BusError: for `catch` of its promise. */
export const rethrow = (error: unknown): never => {
  throw toBusError(error);
};
