import { execFile } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { create } from 'tar';
import { INSTALLER } from './installer.ts';

const run = promisify(execFile);
const DEPLOY = join(INSTALLER, '..');
const ARCHITECTURE = arch() === 'arm64' ? 'arm64' : 'x64';

/** A key pair in PEM, in files as `openssl` makes them. */
export type SigningKey = { readonly file: string; readonly publicPem: string };

export async function makeKey(folder: string, name: string): Promise<SigningKey> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const file = join(folder, `${name}.key`);
  await writeFile(file, privateKey, { mode: 0o600 });
  return { file, publicPem: publicKey };
}

/** Files of a version that a hub serves: paths and contents. */
export type Release = ReadonlyMap<string, Buffer>;

export type ReleaseOptions = {
  readonly version: string;
  /** `null`: not signed. */
  readonly signer: SigningKey | null;
  /** Keys in the package; default: the signer's. */
  readonly trusted?: readonly SigningKey[];
  /** Lines of shell that run before anything in the package. */
  readonly payload?: string;
};

export const packagePath = (version: string): string =>
  `/packages/booner-host-${version}-linux-${ARCHITECTURE}.tar.gz`;

/**
 * Makes a release as `npm run package` does, but with programs that do nothing and this process's
 * Node.js. `openssl` signs it.
 */
export async function makeRelease(
  folder: string,
  { version, signer, trusted = signer === null ? [] : [signer], payload = ':' }: ReleaseOptions,
): Promise<Release> {
  const name = `booner-host-${version}-linux-${ARCHITECTURE}`;
  const staged = join(folder, name);
  await rm(staged, { recursive: true, force: true });
  await mkdir(join(staged, 'bin'), { recursive: true });
  const installer = (await readFile(INSTALLER, 'utf8')).replace('@VERSION@', version);
  const files = {
    VERSION: `${version}\n`,
    'bin/node': `#!/bin/sh\n${payload}\nexec '${process.execPath}' "$@"\n`,
    'booner-agent.mjs': '',
    'booner-runner.mjs': '',
    'install.sh': installer.replace('@SUMS@', ''),
    ...(trusted.length === 0
      ? {}
      : { 'release-keys.pem': trusted.map(({ publicPem }) => publicPem).join('') }),
  };
  for (const [path, text] of Object.entries(files)) await writeFile(join(staged, path), text);
  await chmod(join(staged, 'bin/node'), 0o755);
  for (const part of ['actions', 'systemd', 'upgrade']) {
    await cp(join(DEPLOY, part), join(staged, part), { recursive: true });
  }
  const archive = join(folder, `${name}.tar.gz`);
  await create({ file: archive, cwd: folder, gzip: { level: 1 }, portable: true }, [name]);
  const content = await readFile(archive);
  const sums = `${sha256(content)}  ${name}.tar.gz`;
  const script = Buffer.from(installer.replace('@SUMS@', sums));
  const allSums = Buffer.from(`${sums}\n${sha256(script)}  install.sh\n`);
  return new Map([
    ['/install.sh', script],
    [packagePath(version), content],
    ['/packages/SHA256SUMS', allSums],
    ...(signer === null
      ? []
      : [['/packages/SHA256SUMS.sig', await signatureOf(folder, allSums, signer)] as const]),
  ]);
}

/** Signs as docs/releasing.md does on an offline machine. */
export async function signatureOf(folder: string, content: Buffer, signer: SigningKey): Promise<Buffer> {
  const [file, signature] = [join(folder, 'signed'), join(folder, 'signed.sig')];
  await writeFile(file, content);
  await run('openssl', [
    ...['pkeyutl', '-sign', '-rawin', '-inkey', signer.file],
    ...['-in', file, '-out', signature],
  ]);
  return readFile(signature);
}

export const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
