import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { clientOf } from './client-address.ts';
import { problem } from './problem.ts';

/**
 * Answers 429 to a WebSocket beyond its address' share, where it comes through a trusted proxy: the limit of connections, which sees
 * the proxy alone, is no limit there. Stands before the routes of the WebSockets.
 */
export function limitProxiedSockets(maxPerAddress: number): OpenAPIHono {
  const routes = new OpenAPIHono();
  routes.use('/ws/*', countSockets(maxPerAddress));
  return routes;
}

function countSockets(maxPerAddress: number): MiddlewareHandler {
  const countOf = new Map<string, number>();
  const addressOf = new WeakMap<Socket, string>();
  function release(this: Socket): void {
    const address = addressOf.get(this) ?? '';
    const left = (countOf.get(address) ?? 1) - 1;
    if (left > 0) countOf.set(address, left);
    else countOf.delete(address);
  }
  return async (c, next) => {
    const { address, isProxied } = clientOf(c);
    const socket = (c.env as { readonly incoming?: IncomingMessage } | undefined)?.incoming?.socket;
    const isUpgrade = c.req.header('upgrade')?.toLowerCase() === 'websocket';
    if (!isProxied || !isUpgrade || socket === undefined || socket.destroyed || addressOf.has(socket)) {
      return next();
    }
    const count = (countOf.get(address) ?? 0) + 1;
    if (count > maxPerAddress) {
      c.header('retry-after', '5');
      return problem(c, 429, 'Too many WebSockets', `${address} has ${maxPerAddress} of them open already.`);
    }
    countOf.set(address, count);
    addressOf.set(socket, address);
    socket.once('close', release);
    return next();
  };
}
