import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { fail, ok, type Said } from './check.ts';

/** One port of one machine, as somebody named it. */
export type Endpoint = {
  /** What it is, in words: `the hub`, `Redis`. */
  readonly what: string;
  readonly host: string;
  readonly port: number;
};

const CONNECT_DEADLINE_MS = 3000;

type Dialled =
  | { readonly type: 'open'; readonly ms: number }
  | { readonly type: 'refused' | 'timeout' | 'unreachable'; readonly code: string };

/** Opens a TCP connection and closes it. */
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

/** Whether a name has an address. */
export async function checkName({ what, host }: Endpoint): Promise<Said> {
  if (isIP(host) !== 0) return ok(`${host} is an address`);
  try {
    const addresses = await lookup(host, { all: true });
    return ok(`${host} is ${addresses.map(({ address }) => address).join(', ')}`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const mend =
      code === 'EAI_AGAIN'
        ? 'no name server answers: `cat /etc/resolv.conf` shows which are asked; or use the address instead of the name'
        : `\`echo 'ADDRESS ${host}' | sudo tee -a /etc/hosts\` with the address of ${what}, or use that in place of the name`;
    return fail(`the name ${host} of ${what} has no address (${code})`, mend);
  }
}

/** Whether a port is open, and if not, whether nobody listens or something in between drops the packets. */
export async function checkPort(
  endpoint: Endpoint,
  start: { readonly local: string; readonly remote: string },
): Promise<Said> {
  const { what, host, port } = endpoint;
  const where = `port ${port} of ${host}`;
  const dialled = await dial(host, port);
  switch (dialled.type) {
    case 'open':
      return ok(`${where} is open (${Math.ceil(dialled.ms)} ms)`);
    case 'refused':
      return fail(
        `nothing listens on ${where}, where ${what} should be (connection refused)`,
        await mendRefused(endpoint, start),
      );
    case 'timeout':
      return fail(
        `${where} does not answer: a firewall drops the packets, or the machine is off (timeout)`,
        mendFirewall(endpoint),
      );
    case 'unreachable':
      return fail(
        `${host} cannot be reached (${dialled.code})`,
        `\`ip route get ${host}\` shows the way there; is the cable or the VPN up?`,
      );
    default:
      return dialled satisfies never;
  }
}

async function mendRefused(
  { what, host, port }: Endpoint,
  start: { readonly local: string; readonly remote: string },
): Promise<string> {
  if (!(await isThisMachine(host))) return start.remote;
  const onLoopback = await dial('127.0.0.1', port);
  if (onLoopback.type !== 'open' || host === '127.0.0.1') return start.local;
  return `${what} listens on 127.0.0.1 alone, not on ${host}: its settings have to name ${host} or 0.0.0.0`;
}

/** The lines for the three usual firewalls, to be run where the port is. */
const mendFirewall = ({ host, port }: Endpoint): string =>
  [
    `on ${host}, by its firewall: \`sudo ufw allow ${port}/tcp\`,`,
    `or \`sudo firewall-cmd --permanent --add-port=${port}/tcp && sudo firewall-cmd --reload\`,`,
    `or \`sudo nft insert rule inet filter input tcp dport ${port} accept\``,
  ].join(' ');

/** Whether an address or a name is one of this machine's own. */
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
