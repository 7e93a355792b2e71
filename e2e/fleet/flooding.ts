import { join } from 'node:path';
import type { Target } from '@booner/protocol';
import { type HubProcess, startProcess } from '@booner/testkit';
import { throughout } from './throughout.ts';

export type FloodOptions = {
  /** Port of Redis. */
  readonly port: number;
  /** Index of the simulated host whose key was stolen. */
  readonly index: number;
  readonly kind: 'samples' | 'junk' | 'crumbs' | 'fields';
  /** 0: as fast as it goes. */
  readonly megabytesPerSecond: number;
  readonly login?: { readonly username: string; readonly password: string };
};

/** Starts a host that floods Redis, see `flooding-host.ts`. Disposing of it ends it. */
export async function startFlood({ port, index, kind, megabytesPerSecond, login }: FloodOptions) {
  const child = await startProcess({
    command: process.execPath,
    args: [
      join(import.meta.dirname, 'flooding-host.ts'),
      ...[`${port}`, `${index}`, kind, `${megabytesPerSecond}`],
    ],
    env: { FLOOD_USERNAME: login?.username, FLOOD_PASSWORD: login?.password },
  });
  const { stdout } = child.lines;
  return {
    /** Returns true once Redis has refused its login. */
    isRefused: () => stdout.includes('refused'),
    /** Megabytes that it sent in each second. */
    sent: () => stdout.flatMap((line) => (line.startsWith('sent ') ? [Number(line.slice(5)) / 1e6] : [])),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

export type Probe = { readonly ready: boolean; readonly active: number; readonly tookMs: number };

type Get = (path: string) => Promise<Response>;

/** Asks a hub again and again whether it is ready, and how many of these hosts are active. */
export async function probeThroughout(
  durationMs: number,
  hosts: readonly string[],
  get: Get,
): Promise<readonly Probe[]> {
  const probes: Probe[] = [];
  await throughout(durationMs, async () => {
    const startMs = performance.now();
    const ready = (await get('/readyz')).ok;
    const { targets } = (await (await get('/targets')).json()) as { targets: Target[] };
    const active = targets.filter(({ host, status }) => status === 'active' && hosts.includes(host)).length;
    probes.push({ ready, active, tookMs: performance.now() - startMs });
  });
  return probes;
}

export const readTarget = async (get: Get, host: string) =>
  (await (await get(`/targets/${host}`)).json()) as Target;

/** The value of a metric of the hub without labels; `NaN` if there is none. */
export async function readMetric(hub: Pick<HubProcess, 'get'>, name: string): Promise<number> {
  const text = await (await hub.get('/metrics')).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}
