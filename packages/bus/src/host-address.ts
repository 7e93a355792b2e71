import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { backoffDelayMs } from '@booner/protocol/backoff';
import { type HostId, parseHostId } from '@booner/protocol/host-id';
import { aborted, type Logger, sleep } from '@booner/service';

const RETRY = { minMs: 500, maxMs: 15_000 };

export type Endpoint = { readonly host: string; readonly port: number };

/**
 * Finds the address that this machine uses to reach an endpoint, as its host id. No packet is sent:
 * a connected UDP socket gets its local address from the routing table. While the name cannot be
 * resolved or there is no route, it retries with backoff and logs that once: at boot the network
 * may start later than the daemon.
 * @returns `null` if the signal aborted first
 */
export function findHostAddress(
  endpoint: Endpoint,
  { logger }: { logger: Pick<Logger, 'info' | 'warn'> },
  { signal }: { signal: AbortSignal },
): Promise<HostId | null> {
  const stopped = aborted(signal).then(() => null); // a resolver may take longer than a stop may
  return Promise.race([search(endpoint, logger, signal), stopped]);
}

async function search(
  endpoint: Endpoint,
  logger: Pick<Logger, 'info' | 'warn'>,
  signal: AbortSignal,
): Promise<HostId | null> {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      const host = await localAddressTowards(endpoint);
      if (attempt > 0) logger.info({ host }, 'found the address of this host');
      return host;
    } catch (error) {
      if (attempt === 0) {
        logger.warn(
          { server: endpoint.host, reason: error instanceof Error ? error.message : String(error) },
          'the address of this host cannot be found yet: retrying until Redis can be resolved and routed to. ' +
            'Or set BOONER_HOST_ID to the name of this host',
        );
      }
      await sleep(backoffDelayMs(attempt, RETRY), signal);
    }
  }
  return null;
}

/**
 * @throws Error of the resolver or the system (`ENOTFOUND`, `EAI_AGAIN`, `ENETUNREACH`)
 */
async function localAddressTowards({ host, port }: Endpoint): Promise<HostId> {
  const { address, family } = await lookup(host);
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(port, address, resolve);
    });
    // A zone index (RFC 4007) names an interface, not the host.
    const local = socket.address().address.replace(/%.*$/, '');
    const id = parseHostId(local);
    if (id === null) throw new Error(`the local address ${local} is not a valid host id`);
    return id;
  } finally {
    socket.close();
  }
}
