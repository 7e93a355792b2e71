import type { Socket } from 'node:net';

/** Counts open sockets by client address. */
export function countSockets() {
  const counts = new Map<string, number>();
  const of = (address: string): number => counts.get(address) ?? 0;
  return {
    of,
    /** Counts a socket until it closes. @returns the open sockets of its address, with this one */
    add(address: string, socket: Socket): number {
      counts.set(address, of(address) + 1);
      socket.once('close', () => {
        if (of(address) > 1) counts.set(address, of(address) - 1);
        else counts.delete(address);
      });
      return of(address);
    },
  };
}
