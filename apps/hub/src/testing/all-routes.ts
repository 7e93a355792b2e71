import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { Routes } from '../http/route.ts';
import { type StreamEndpoint, streamEndpoint } from '../ws/stream-endpoint.ts';

const SOURCE = join(import.meta.dirname, '..');

/** A placeholder for any dependency: routes can be listed with it, not served. */
const anything: unknown = new Proxy(() => {}, {
  get: (_, name) => (name === Symbol.toPrimitive ? () => '' : anything),
  apply: () => anything,
});

const STREAMS = ['/ws/system/status', '/ws/tasks/updates', '/ws/alerts'];

/**
 * Lists every route of the hub: the streams, and what functions named `…Routes` return.
 * @param directory of the dashboard
 */
export async function allRoutes(directory: string): Promise<Routes> {
  const deps = new Proxy({}, { get: (_, name) => (name === 'directory' ? directory : anything) });
  const files = globSync('**/*.ts', {
    cwd: SOURCE,
    exclude: ['**/*.test.ts', '**/*-worker.ts', '**/testing/**', 'main.ts'],
  });
  const routes = STREAMS.map((path) => streamEndpoint({ path } as StreamEndpoint));
  for (const file of files.sort()) {
    const exported = (await import(join(SOURCE, file))) as Record<string, (deps: unknown) => Routes>;
    for (const [name, create] of Object.entries(exported)) {
      if (/(?<!^load.*)Routes$/.test(name)) routes.push(...create(deps));
    }
  }
  return routes;
}
