import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { makeTlsFiles } from './tls-files.ts';

export type ReceivedMail = {
  /** Headers and body as they were received. */
  readonly text: string;
  readonly isEncrypted: boolean;
  readonly to: readonly string[];
};

/** A mail server on loopback with STARTTLS that remembers what it received. */
export type MailServer = AsyncDisposable & {
  readonly port: number;
  /** Certificate of its CA in PEM, and its file. */
  readonly ca: string;
  readonly caFile: string;
  readonly user: string;
  readonly password: string;
  readonly received: readonly ReceivedMail[];
};

const USER = 'booner';
const PASSWORD = 's3cr3t-w0rd';

export type MailServerOptions = SMTPServerOptions;

/** Returns the refusal of a command. */
export const mailRefusal = (responseCode: number, text: string): Error =>
  Object.assign(new Error(text), { responseCode });

/** Starts a {@link MailServer} at `localhost`. Needs `openssl`. */
export async function startMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  await using stack = new AsyncDisposableStack();
  const files = stack.use(await makeTlsFiles());
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    cert: await readFile(files.certificateFile),
    key: await readFile(files.keyFile),
    onAuth: ({ username, password }, _session, callback) =>
      username === USER && password === PASSWORD
        ? callback(null, { user: username })
        : callback(mailRefusal(535, `no ${password}`)),
    onData(stream, session, callback) {
      const to = session.envelope.rcptTo.map(({ address }) => address);
      const receive = (mail: string) => {
        received.push({ text: mail, isEncrypted: session.secure, to });
        callback();
      };
      text(stream).then(receive, callback);
    },
    closeTimeout: 1,
    ...options,
  });
  server.on('error', () => {}); // a client that breaks off is what some tests are about
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  stack.defer(() => new Promise<void>((resolve) => server.close(resolve)));
  const { port } = listening.address() as AddressInfo;
  const { ca, caFile } = files;
  const owned = stack.move();
  return {
    ...{ port, ca, caFile, user: USER, password: PASSWORD, received },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
