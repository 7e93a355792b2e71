import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { StartError } from './run-main.ts';

/** The sending end of systemd's notification socket. */
export type NotifySocket = {
  /** Returns `false` if systemd has no room for the message or is not there at the moment. */
  send(message: string): boolean;
};

type NativeFunction = (...args: (number | Uint8Array)[]) => number;
type Native = { load(library: null): { func(declaration: string): NativeFunction } };

/** Constants of Linux, the same on x64 and arm64. */
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x8_0000;
/** Room for the path in `sockaddr_un`, see unix(7). */
const MAX_PATH_LENGTH = 107;

/**
 * Connects to a notification socket: a path, or a name in the abstract namespace after `@`. Node.js
 * does not support datagram sockets of this family, so socket(2) and connect(2) are called through
 * koffi; Node.js then writes to the descriptor.
 * @throws StartError if koffi cannot be loaded, or the path is too long
 */
export function openNotifySocket(path: string): NotifySocket {
  const address = socketAddress(path);
  const { connect, socket } = nativeCalls();
  let descriptor: number | null = null;

  const connected = (): number | null => {
    descriptor ??= socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return connect(descriptor, address, address.length) === 0 ? descriptor : null;
  };
  let isConnected = connected() !== null;
  return {
    send: (message) => {
      for (const _attempt of ['connected before', 'reconnected']) {
        isConnected ||= connected() !== null;
        if (!isConnected || descriptor === null) return false;
        try {
          writeSync(descriptor, message);
          return true;
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
          isConnected = false; // systemd replaced the socket
        }
      }
      return false;
    },
  };
}

/** Returns a `sockaddr_un`. */
function socketAddress(path: string): Uint8Array {
  const name = Buffer.from(path.startsWith('@') ? `\0${path.slice(1)}` : `${path}\0`);
  if (!/^[/@]./.test(path) || name.length > MAX_PATH_LENGTH + 1) {
    throw new StartError(
      `NOTIFY_SOCKET must be a path or @name of at most ${MAX_PATH_LENGTH} bytes, not ${path}`,
    );
  }
  const family = Buffer.alloc(2);
  family.writeUInt16LE(AF_UNIX);
  return Buffer.concat([family, name]);
}

/**
 * Loads only koffi's binary, which is sufficient. Its JavaScript, which looks for the right binary,
 * would cost the agent another 2.5 MiB.
 */
function nativeCalls(): { readonly socket: NativeFunction; readonly connect: NativeFunction } {
  const require = createRequire(import.meta.url);
  try {
    const libc = (require(koffiFile(require)) as Native).load(null);
    return {
      socket: libc.func('int socket(int, int, int)'),
      connect: libc.func('int connect(int, const uint8_t *, uint32_t)'),
    };
  } catch (cause) {
    throw new StartError(`cannot report to systemd: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}

/**
 * Returns the path of the binary: beside a bundled daemon, else in koffi's package for this
 * platform.
 */
function koffiFile(require: NodeJS.Require): string {
  if (!import.meta.filename.endsWith('.ts')) return join(import.meta.dirname, 'koffi.node');
  const platform = `${process.platform}-${process.arch}`;
  return createRequire(require.resolve('koffi')).resolve(
    `@koromix/koffi-${platform}/${platform.replace('-', '_')}/koffi.node`,
  );
}
