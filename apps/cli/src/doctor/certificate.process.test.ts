import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer as createPlainServer } from 'node:net';
import { createServer } from 'node:tls';
import { makeTlsFiles } from '@booner/testkit';
import { expect, it } from 'vitest';
import { checkCertificate } from './certificate.ts';

it('recognizes a valid certificate, an unknown authority, and a server without TLS', async () => {
  await using files = await makeTlsFiles();
  const server = createServer({
    cert: await readFile(files.certificateFile),
    key: await readFile(files.keyFile),
  });
  const plain = createPlainServer((socket) => socket.end('-ERR\r\n'));
  server.listen(0, '127.0.0.1');
  plain.listen(0, '127.0.0.1');
  await Promise.all([once(server, 'listening'), once(plain, 'listening')]);
  try {
    const { port } = server.address() as { port: number };
    const at = (host: string, ca?: string) =>
      checkCertificate({ what: 'the hub', host, port }, ca, '--ca-file FILE');
    expect(await at('127.0.0.1', files.ca)).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('expires in 0 days'),
    });
    expect(await at('127.0.0.1')).toMatchObject({
      status: 'fail',
      hint: expect.stringContaining('--ca-file FILE'),
    });
    const { port: plainPort } = plain.address() as { port: number };
    const withoutTls = await checkCertificate(
      { what: 'Redis', host: '127.0.0.1', port: plainPort },
      undefined,
      '',
    );
    expect(withoutTls).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('does not support TLS'),
    });
  } finally {
    server.close();
    plain.close();
  }
});
