import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type CheckResult, fail, ok } from './check.ts';

/** A port of a host, as given by the user. */
export type Endpoint = {
  /** Name for messages: `the hub`, `Redis`. */
  readonly what: string;
  readonly host: string;
  readonly port: number;
};

const CONNECT_DEADLINE_MS = 3000;

type Dialled =
  | { readonly type: 'open'; readonly ms: number }
  | { readonly type: 'refused' | 'timeout' | 'unreachable'; readonly code: string };

/** Opens a TCP connection and closes it immediately. */
function dial(host: string, port: number, deadlineMs = CONNECT_DEADLINE_MS): Promise<Dialled> {
  const startMs = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (dialled: Dialled) => {
      socket.destroy();
      resolve(dialled);
    };
    const timer = setTimeout(() => end({ type: 'timeout', code: 'ETIMEDOUT' }), deadlineMs);
    socket.once('close', () => clearTimeout(timer));
    socket.once('connect', () => end({ type: 'open', ms: performance.now() - startMs }));
    socket.once('error', (error: NodeJS.ErrnoException) => end(failureOf(error)));
  });
}

function failureOf(error: NodeJS.ErrnoException): Dialled {
  const [first] = error instanceof AggregateError ? (error.errors as NodeJS.ErrnoException[]) : [error];
  const code = first?.code ?? String(error);
  if (code === 'ECONNREFUSED') return { type: 'refused', code };
  if (code === 'ETIMEDOUT') return { type: 'timeout', code };
  return { type: 'unreachable', code };
}

/** Checks that a host name resolves. */
export async function checkName({ what, host }: Endpoint): Promise<CheckResult> {
  if (isIP(host) !== 0) return ok(`${host} is an IP address`);
  try {
    const addresses = await lookup(host, { all: true });
    return ok(`${host} resolves to ${addresses.map(({ address }) => address).join(', ')}`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const hint =
      code === 'EAI_AGAIN'
        ? 'no name server responds: check /etc/resolv.conf, or use an IP address instead of the name'
        : `run \`echo 'ADDRESS ${host}' | sudo tee -a /etc/hosts\` with the IP address of ${what}, or use that address instead of the name`;
    return fail(`the name ${host} of ${what} does not resolve (${code})`, hint);
  }
}

/** Checks that a port is open. Distinguishes a closed port from packets dropped on the way. */
export async function checkPort(
  endpoint: Endpoint,
  start: { readonly local: string; readonly remote: string },
): Promise<CheckResult> {
  const { what, host, port } = endpoint;
  const where = `port ${port} of ${host}`;
  const dialled = await dial(host, port);
  switch (dialled.type) {
    case 'open':
      return ok(`${where} is open (${Math.ceil(dialled.ms)} ms)`);
    case 'refused':
      return fail(
        `nothing is listening on ${where}, where ${what} is expected (connection refused)`,
        await hintForRefused(endpoint, start),
      );
    case 'timeout':
      return fail(
        `${where} does not respond: a firewall drops the packets, or the machine is down (timeout)`,
        hintForFirewall(endpoint),
      );
    case 'unreachable':
      return fail(
        `${host} is unreachable (${dialled.code})`,
        `check the network and the VPN; \`ip route get ${host}\` shows the route`,
      );
    default:
      return dialled satisfies never;
  }
}

async function hintForRefused(
  { what, host, port }: Endpoint,
  start: { readonly local: string; readonly remote: string },
): Promise<string> {
  if (!(await isThisMachine(host))) return start.remote;
  const onLoopback = await dial('127.0.0.1', port);
  if (onLoopback.type !== 'open' || host === '127.0.0.1') return start.local;
  return `${what} listens only on 127.0.0.1, not on ${host}: change its settings to ${host} or 0.0.0.0`;
}

/** Returns the commands for the three common firewalls, to run on the host with the port. */
const hintForFirewall = ({ host, port }: Endpoint): string =>
  [
    `on ${host}, for the firewall it uses: \`sudo ufw allow ${port}/tcp\`,`,
    `or \`sudo firewall-cmd --permanent --add-port=${port}/tcp && sudo firewall-cmd --reload\`,`,
    `or \`sudo nft insert rule inet filter input tcp dport ${port} accept\``,
  ].join(' ');

/** Returns `true` if an address or a name belongs to this machine. */
export async function isThisMachine(host: string): Promise<boolean> {
  const own = new Set(
    Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)),
  );
  const addresses = isIP(host)
    ? [host]
    : await lookup(host, { all: true }).then(
        (all) => all.map(({ address }) => address),
        () => [],
      );
  return addresses.some((address) => own.has(address) || address.startsWith('127.') || address === '::1');
}
