import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const OPENSSL_DEADLINE_MS = 60_000;
const run = promisify(execFile);

/** A new CA and its server certificate for 127.0.0.1 and localhost, as PEM files. */
export type TlsFiles = {
  /** The CA's certificate in PEM. */
  readonly ca: string;
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
};

/**
 * Creates {@link TlsFiles} that are valid for a day, in a temporary directory. Disposing of them
 * removes it. Needs `openssl`.
 */
export async function makeTlsFiles(): Promise<TlsFiles & AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), 'booner-tls-'));
  const file = (name: string) => join(directory, name);
  const openssl = async (...args: string[]) => {
    await run('openssl', args, { cwd: directory, timeout: OPENSSL_DEADLINE_MS });
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...newKey,
    '-days',
    '1',
    '-subj',
    '/CN=Test CA',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
  );
  await openssl('req', ...newKey, '-subj', '/CN=Test server', '-keyout', 'server.key', '-out', 'server.csr');
  await writeFile(file('san.cnf'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  const signing = [
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '1',
    '-extfile',
    'san.cnf',
  ];
  await openssl('x509', '-req', '-in', 'server.csr', ...signing, '-out', 'server.crt');
  return {
    ca: await readFile(file('ca.crt'), 'utf8'),
    caFile: file('ca.crt'),
    certificateFile: file('server.crt'),
    keyFile: file('server.key'),
    async [Symbol.asyncDispose]() {
      await rm(directory, { recursive: true, force: true });
    },
  };
}
