import { once } from 'node:events';
import { type HostId, type StatusServerMessage, V2_SUBPROTOCOL } from '@booner/protocol';
import { WebSocket } from 'ws';
import { createDistribution } from '../measure/distribution.ts';
import { serveRequests } from '../processes/worker.ts';
import { connectRawClient } from '../websocket/raw-client.ts';
import type { ObserverContract } from './ingest-contract.ts';

const PATH = '/ws/system/status';
const CONNECT_TIMEOUT_MS = 10_000;
const CONNECTING_AT_ONCE = 20;
/** Clients come from this many loopback addresses, since a hub limits the connections of one. */
const LOCAL_ADDRESSES = 100;

const gapDeviationUs = createDistribution();
const sampleAgeMs = createDistribution();
let failure: Error | null = null;

serveRequests<ObserverContract>({
  async connect({ port, intervalMs, version1Clients, watched }) {
    let left = version1Clients;
    const connectSome = async () => {
      while (left > 0) await connectVersion1(port, intervalMs, localAddress(left--));
    };
    await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, connectSome));
    await connectVersion2(port, watched);
    return null;
  },
  takeReport() {
    if (failure) throw failure;
    const report = { gapDeviationUs: gapDeviationUs.encode(), sampleAgeMs: sampleAgeMs.encode() };
    gapDeviationUs.reset();
    sampleAgeMs.reset();
    return report;
  },
});

const localAddress = (client: number): string => `127.0.1.${1 + (client % LOCAL_ADDRESSES)}`;

function lose(reason: string): void {
  failure ??= new Error(`a client lost its connection: ${reason}`);
}

async function connectVersion1(port: number, intervalMs: number, address: string): Promise<void> {
  let lastAtMs: number | null = null;
  await connectRawClient({
    port,
    path: PATH,
    dialect: 'plain',
    localAddress: address,
    onMessage() {
      const nowMs = performance.now();
      if (lastAtMs !== null) gapDeviationUs.record(Math.abs(nowMs - lastAtMs - intervalMs) * 1000);
      lastAtMs = nowMs;
    },
    onLost: lose,
  });
}

/**
 * Requests some hosts in full, to see when their samples were taken. Processes on one machine share
 * its clock.
 */
async function connectVersion2(port: number, hosts: readonly HostId[]): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${PATH}`, V2_SUBPROTOCOL, {
    handshakeTimeout: CONNECT_TIMEOUT_MS,
    perMessageDeflate: false,
  });
  const lastSampledAtMs = new Map<HostId, number>();
  socket.on('message', (data) => {
    const nowMs = Date.now();
    const message = JSON.parse(String(data)) as StatusServerMessage;
    if (message.type === 'error') return lose(message.detail);
    if (message.type === 'pong' || message.type === 'waiting') return;
    for (const target of message.targets) {
      if (!('sample' in target) || !target.sample) continue;
      const { sampledAtMs } = target.sample;
      if (lastSampledAtMs.get(target.host) === sampledAtMs) continue; // sent again, not taken again
      lastSampledAtMs.set(target.host, sampledAtMs);
      sampleAgeMs.record(nowMs - sampledAtMs);
    }
  });
  await once(socket, 'open');
  socket.on('error', (error) => lose(error.message));
  socket.on('close', (code) => lose(`version 2, with ${code}`));
  socket.send(JSON.stringify({ type: 'subscribe', hosts, detail: 'full' }));
}
