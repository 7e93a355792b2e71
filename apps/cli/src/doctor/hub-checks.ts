import type { ResolvedHub } from '../profile/resolve-hub.ts';
import { checkAgents } from './agents.ts';
import { checkCertificate } from './certificate.ts';
import { type Check, ok, warn } from './check.ts';
import { checkName, checkPort, type Endpoint, isThisMachine } from './endpoint.ts';
import { checkHistory } from './history.ts';
import { httpGet, proxyIn } from './http-get.ts';
import { checkAccess, checkClock, checkHealth, checkReadiness } from './hub-http.ts';
import { checkWebSocket } from './hub-websocket.ts';

/** Returns the checks of the path to the hub, from its name to its data. */
export function hubChecks({ url, urlFrom, token, tokenFrom }: ResolvedHub): readonly Check[] {
  const { hostname, port, protocol } = new URL(url);
  const isTls = protocol === 'https:';
  const endpoint: Endpoint = {
    what: 'the hub',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (isTls ? 443 : 80) : Number(port),
  };
  const secret = token?.reveal() ?? null;
  const streams = ['/ws/system/status', '/ws/tasks/updates'].map((path): Check => {
    const name = path === '/ws/system/status' ? 'hub.websocket.status' : 'hub.websocket.tasks';
    const run = async () => {
      const outcome = await httpGet(`${url}/healthz`);
      const proxy = outcome.type === 'response' ? proxyIn(outcome.headers) : null;
      return checkWebSocket(url, path, secret, proxy);
    };
    return { name, needs: ['hub.access'], run };
  });
  return [
    { name: 'hub.name', run: async () => withSource(await checkName(endpoint), urlFrom) },
    { name: 'hub.port', needs: ['hub.name'], run: () => checkPort(endpoint, start(endpoint)) },
    { name: 'hub.tls', needs: ['hub.port'], run: () => checkHubTls(endpoint, isTls) },
    { name: 'hub.http', needs: ['hub.tls'], run: () => checkHealth(url) },
    { name: 'hub.ready', needs: ['hub.http'], run: () => checkReadiness(url) },
    { name: 'hub.clock', needs: ['hub.http'], run: () => checkClock(url) },
    { name: 'hub.access', needs: ['hub.http'], run: () => checkAccess(url, secret, tokenFrom) },
    ...streams,
    { name: 'hub.history', needs: ['hub.ready', 'hub.access'], run: () => checkHistory(url, secret) },
    { name: 'agents', needs: ['hub.ready', 'hub.access'], run: () => checkAgents(url, secret) },
  ];
}

const withSource = <T extends { readonly detail: string }>(result: T, from: string): T => ({
  ...result,
  detail: `${result.detail} (from ${from})`,
});

const start = ({ host, port }: Endpoint) => ({
  local: `run \`sudo systemctl start booner-hub\`, then \`journalctl -u booner-hub -n 20\`; in a clone, run \`PORT=${port} npm start\``,
  remote: `on ${host}, run \`sudo systemctl start booner-hub\`; if it is running, check its HOST and PORT in /etc/booner/hub.env`,
});

async function checkHubTls(endpoint: Endpoint, isTls: boolean) {
  if (isTls) return checkCertificate(endpoint, undefined, '--ca-file FILE (or BOONER_CA_FILE)');
  if (await isThisMachine(endpoint.host)) return ok('no TLS, which a hub on the same machine does not need');
  return warn(
    'no TLS: anyone on the network path can read tokens and data',
    'set BOONER_TLS_CERT_FILE and BOONER_TLS_KEY_FILE of the hub, or use a proxy with TLS (deploy/proxy)',
  );
}
