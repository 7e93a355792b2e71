import { closeSync, readSync } from 'node:fs';
import koffi from 'koffi';

const AF_UNIX = 1;
const SOCK_DGRAM_NONBLOCK = 0x802;
const MAX_MESSAGE_BYTES = 4096;

/** A notification socket as systemd has one, for tests. */
export type NotificationReceiver = Disposable & {
  /** All that has come, in order. */
  messages(): readonly string[];
};

/** Listens at a path, or at a name in the abstract namespace after `@`. */
export function receiveNotifications(path: string): NotificationReceiver {
  const libc = koffi.load(null);
  const socket = libc.func('int socket(int, int, int)');
  const bind = libc.func('int bind(int, const uint8_t *, uint32_t)');
  const descriptor: number = socket(AF_UNIX, SOCK_DGRAM_NONBLOCK, 0);
  const name = path.startsWith('@') ? `\0${path.slice(1)}` : `${path}\0`;
  const address = Buffer.concat([Buffer.from([AF_UNIX, 0]), Buffer.from(name)]);
  if (bind(descriptor, address, address.length) !== 0) throw new Error(`cannot listen at ${path}`);
  const received: string[] = [];
  const buffer = Buffer.alloc(MAX_MESSAGE_BYTES);
  return {
    messages() {
      try {
        for (;;) received.push(buffer.toString('utf8', 0, readSync(descriptor, buffer)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        return received;
      }
    },
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}
