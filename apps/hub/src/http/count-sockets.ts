import type { Socket } from 'node:net';
import { networkOf } from './address.ts';

/** Counts open sockets by the network of the client's address ({@link networkOf}). */
export function countSockets() {
  const counts = new Map<string, number>();
  const of = (network: string): number => counts.get(network) ?? 0;
  return {
    of: (address: string): number => of(networkOf(address)),
    /** Counts a socket until it closes. @returns the open sockets of its network, with this one */
    add(address: string, socket: Socket): number {
      const network = networkOf(address);
      counts.set(network, of(network) + 1);
      socket.once('close', () => {
        if (of(network) > 1) counts.set(network, of(network) - 1);
        else counts.delete(network);
      });
      return of(network);
    },
  };
}
