import type { ResolvedHub } from '../profile/resolve-hub.ts';
import { checkAgents } from './agents.ts';
import { ask, proxyIn } from './ask.ts';
import { checkCertificate } from './certificate.ts';
import { type Check, ok, warn } from './check.ts';
import { checkName, checkPort, type Endpoint, isThisMachine } from './endpoint.ts';
import { checkAccess, checkClock, checkHealth, checkReadiness } from './hub-http.ts';
import { checkWebSocket } from './hub-websocket.ts';

/** Everything between here and the hub, from the name to the data. */
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
    const look = async () => {
      const answer = await ask(`${url}/healthz`);
      return checkWebSocket(url, path, secret, answer.type === 'answer' ? proxyIn(answer.headers) : null);
    };
    return { name, needs: ['hub.access'], look };
  });
  return [
    { name: 'hub.name', look: async () => withSource(await checkName(endpoint), urlFrom) },
    { name: 'hub.port', needs: ['hub.name'], look: () => checkPort(endpoint, start(endpoint)) },
    { name: 'hub.tls', needs: ['hub.port'], look: () => checkHubTls(endpoint, isTls) },
    { name: 'hub.http', needs: ['hub.tls'], look: () => checkHealth(url) },
    { name: 'hub.ready', needs: ['hub.http'], look: () => checkReadiness(url) },
    { name: 'hub.clock', needs: ['hub.http'], look: () => checkClock(url) },
    { name: 'hub.access', needs: ['hub.http'], look: () => checkAccess(url, secret, tokenFrom) },
    ...streams,
    { name: 'agents', needs: ['hub.ready', 'hub.access'], look: () => checkAgents(url, secret) },
  ];
}

const withSource = <T extends { readonly detail: string }>(said: T, from: string): T => ({
  ...said,
  detail: `${said.detail}, from ${from}`,
});

const start = ({ host, port }: Endpoint) => ({
  local: `\`sudo systemctl start booner-hub\`, then \`journalctl -u booner-hub -n 20\`; from a clone \`PORT=${port} npm start\``,
  remote: `on ${host}: \`sudo systemctl start booner-hub\`; if it runs, it listens on another address or port: HOST and PORT in /etc/booner/hub.env`,
});

async function checkHubTls(endpoint: Endpoint, isTls: boolean) {
  if (isTls) return checkCertificate(endpoint, undefined, '--ca-file FILE (or BOONER_CA_FILE)');
  if (await isThisMachine(endpoint.host)) return ok('no TLS, and none is needed on one machine');
  return warn(
    'without TLS everybody on the way reads tokens and data',
    'BOONER_TLS_CERT_FILE and BOONER_TLS_KEY_FILE of the hub, or a proxy with TLS (deploy/proxy)',
  );
}
