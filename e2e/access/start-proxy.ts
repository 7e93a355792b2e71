import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, startProcess, type TlsFiles } from '@booner/testkit';
import { tlsRequest } from './tls-request.ts';

const EXAMPLES = join(import.meta.dirname, '../../deploy/proxy');
const START_DEADLINE_MS = 60_000;

/** A proxy on loopback, named `localhost`, configured with the example of the repository. */
export type ProxyServer = AsyncDisposable & {
  /** Such as `https://localhost:20123`. */
  readonly url: string;
  readonly port: number;
  /** Its URL without TLS; `null` if it serves none. */
  readonly plainUrl: string | null;
  /** Its certificate's authority, in PEM. */
  readonly ca: string;
};

export type StartProxyOptions = {
  readonly hubPort: number;
  /** Changes the example before it is used. */
  readonly edit?: (example: string) => string;
};

/** Starts nginx in front of a hub. */
export async function startNginx({
  hubPort,
  tls,
  edit = (text) => text,
}: StartProxyOptions & { readonly tls: TlsFiles }): Promise<ProxyServer> {
  await using starting = new AsyncDisposableStack();
  const directory = starting.use(await temporaryFolder());
  const [port, plainPort] = [await freePort(), await freePort()];
  const example = replaceAll(edit(await readFile(join(EXAMPLES, 'nginx.conf'), 'utf8')), {
    '/etc/ssl/booner/fullchain.pem': tls.certificateFile,
    '/etc/ssl/booner/privkey.pem': tls.keyFile,
    'listen 80;': `listen 127.0.0.1:${plainPort};`,
    'listen 443 ssl;': `listen 127.0.0.1:${port} ssl;`,
    'server 127.0.0.1:8000;': `server 127.0.0.1:${hubPort};`,
    'hub.example.org': 'localhost',
  });
  await writeFile(directory.file('booner.conf'), example);
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  // One process, so that none is left when it is killed.
  const main = `
    daemon off; master_process off; pid ${directory.file('nginx.pid')}; error_log stderr warn;
    events {}
    http {
      access_log off;
      ${folders.map((name) => `${name}_temp_path ${directory.file(name)};`).join('\n')}
      include ${directory.file('booner.conf')};
    }`;
  await writeFile(directory.file('nginx.conf'), main);
  const args = ['-e', 'stderr', '-p', directory.path, '-c', directory.file('nginx.conf')];
  const env = { PATH: `${process.env.PATH}:/usr/sbin` }; // where Debian has it, and users do not look
  const child = starting.use(await startProcess({ command: 'nginx', args, env }));
  await untilListening(port, child);
  const stack = starting.move();
  return {
    url: `https://localhost:${port}`,
    port,
    plainUrl: `http://localhost:${plainPort}`,
    ca: tls.ca,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Starts Caddy in front of a hub; it makes a certificate by itself. */
export async function startCaddy({
  hubPort,
  edit = (text) => text,
}: StartProxyOptions): Promise<ProxyServer> {
  await using starting = new AsyncDisposableStack();
  const directory = starting.use(await temporaryFolder());
  const port = await freePort();
  const example = replaceAll(edit(await readFile(join(EXAMPLES, 'Caddyfile'), 'utf8')), {
    'reverse_proxy 127.0.0.1:8000': `reverse_proxy 127.0.0.1:${hubPort}`,
    '\nhub.example.org {': `\nlocalhost:${port} {`,
  });
  const main =
    '{\nadmin off\nauto_https disable_redirects\nskip_install_trust\ndefault_bind 127.0.0.1\n' +
    `storage file_system ${directory.file('storage')}\n}\n`;
  await writeFile(directory.file('Caddyfile'), main + example);
  const child = starting.use(
    await startProcess({
      command: 'caddy',
      args: ['run', '--adapter', 'caddyfile', '--config', directory.file('Caddyfile')],
      env: { HOME: directory.path, XDG_DATA_HOME: directory.path, XDG_CONFIG_HOME: directory.path },
    }),
  );
  await untilListening(port, child);
  const authority = directory.file('storage/pki/authorities/local/root.crt');
  const ca = await eventually(() => readFile(authority, 'utf8'), {
    deadlineMs: START_DEADLINE_MS,
    what: "Caddy's own authority",
  });
  // It listens before it has its certificate.
  await eventually(() => tlsRequest(`https://localhost:${port}/healthz`, [ca]), {
    deadlineMs: START_DEADLINE_MS,
    what: "Caddy's certificate",
  });
  const stack = starting.move();
  return {
    url: `https://localhost:${port}`,
    port,
    plainUrl: null,
    ca,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** @throws Error where the example has no such text: it is another one than the test knows */
function replaceAll(example: string, replacements: Readonly<Record<string, string>>): string {
  return Object.entries(replacements).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the example has no ${JSON.stringify(from)}`);
    return text.replaceAll(from, to);
  }, example);
}

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'booner-proxy-'));
  return {
    path,
    file: (name: string) => join(path, name),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

type Child = Awaited<ReturnType<typeof startProcess>>;

async function untilListening(port: number, child: Child): Promise<void> {
  const isListening = () =>
    new Promise<boolean>((resolve) => {
      const socket = createConnection(port, '127.0.0.1');
      const end = (isOpen: boolean) => {
        socket.destroy();
        resolve(isOpen);
      };
      socket.once('connect', () => end(true)).once('error', () => end(false));
    });
  await eventually(async () => child.hasExited() || (await isListening()), {
    deadlineMs: START_DEADLINE_MS,
    what: 'the proxy to listen',
  });
  if (child.hasExited()) throw new Error(`the proxy ended at once:\n${child.lines.stderr.join('\n')}`);
}
