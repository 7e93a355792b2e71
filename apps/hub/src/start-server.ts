import type { Logger } from '@booner/service';
import type { MiddlewareHandler } from 'hono';
import type { HubConfig } from './config/config.ts';
import { createApp } from './http/app.ts';
import type { Routes } from './http/route.ts';
import { type HttpServer, startHttpServer } from './http/server.ts';
import { notFoundPage } from './site/not-found-page.ts';
import { createWebSocketServer } from './ws/web-socket-server.ts';

export type ServerOptions = {
  readonly config: HubConfig;
  readonly version: string;
  readonly log: Logger;
  /** Measures requests. */
  readonly measure: MiddlewareHandler;
  /** Enforces the access rule of each route. */
  readonly authorize: MiddlewareHandler;
  readonly routes: Routes;
};

/**
 * Serves routes over HTTP and WebSocket.
 * @throws StartError if it cannot listen on its address
 */
export function startServer({ config, ...parts }: ServerOptions): Promise<HttpServer> {
  const { log } = parts;
  const app = createApp({
    ...config,
    ...parts,
    maxProxiedSocketsPerAddress: config.maxConnectionsPerAddress,
    notFoundPage: notFoundPage(config.dashboardDirectory),
  });
  return startHttpServer({ ...config, webSockets: createWebSocketServer(), fetch: app.fetch, log });
}
