import { readFile } from 'node:fs/promises';
import type { HubProcess } from '@booner/testkit';

/** Resident memory of a process, by proc(5). */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`no VmRSS of process ${pid}`);
  return Number(kibibytes) * 1024;
}

/** A value of the hub's own `/metrics`, such as `booner_hub_stream_clients{version="1"}`. */
export async function hubMetric(hub: Pick<HubProcess, 'get'>, name: string): Promise<number> {
  const text = await (await hub.get('/metrics')).text();
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  if (line === undefined) throw new Error(`/metrics has no ${name}`);
  return Number(line.slice(name.length + 1));
}

/** Clients of both versions of the status stream. */
export async function streamClients(hub: Pick<HubProcess, 'get'>): Promise<number> {
  const counts = await Promise.all(
    ['1', '2'].map((version) => hubMetric(hub, `booner_hub_stream_clients{version="${version}"}`)),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
