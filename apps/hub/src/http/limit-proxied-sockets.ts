import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import { networkOf } from './address.ts';
import { clientOf } from './client-address.ts';
import { countSockets } from './count-sockets.ts';
import { problem } from './problem.ts';

/**
 * Answers 429 to WebSockets beyond the limit of a network that come through a trusted proxy. The
 * limit on connections does not cover these, because it sees only the address of the proxy.
 */
export function limitProxiedSockets(maxPerAddress: number): MiddlewareHandler {
  const open = countSockets();
  const counted = new WeakSet<Socket>(); // a connection may carry several requests
  return async (c, next) => {
    if (!c.req.path.startsWith('/ws/') || c.req.header('upgrade')?.toLowerCase() !== 'websocket')
      return next();
    const { address, isProxied } = clientOf(c);
    const socket = (c.env as { readonly incoming?: IncomingMessage } | undefined)?.incoming?.socket;
    if (!isProxied || socket === undefined || socket.destroyed || counted.has(socket)) return next();
    if (open.of(address) >= maxPerAddress) {
      c.header('retry-after', '5');
      return problem(
        c,
        429,
        'Too many WebSockets',
        `${networkOf(address)} already has ${maxPerAddress} open WebSockets. Close some, or raise BOONER_MAX_CONNECTIONS_PER_ADDRESS.`,
      );
    }
    counted.add(socket);
    open.add(address, socket);
    return next();
  };
}
