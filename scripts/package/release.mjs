import { spawnSync } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline/promises';

const ARCHIVE = /\.tar\.gz$/;
const [INSTALLER, SUMS, SIGNATURE] = ['install.sh', 'SHA256SUMS', 'SHA256SUMS.sig'];

/** Removes what an earlier build left, of other versions too: a hub offers whatever is here. */
export async function removeRelease(out) {
  for (const file of await readdir(out)) {
    if (ARCHIVE.test(file) || [INSTALLER, SUMS, SIGNATURE].includes(file)) await rm(join(out, file));
  }
}

/**
 * Completes a folder of archives: `install.sh` with their checksums in it, SHA256SUMS in the format
 * of `sha256sum --check`, and with a key SHA256SUMS.sig, 64 bytes as `openssl pkeyutl` makes them.
 * @param template text of deploy/install.sh
 * @param key the private key, or `null`
 */
export async function writeRelease({ out, template, version, key }) {
  const archives = (await readdir(out)).filter((file) => ARCHIVE.test(file)).sort();
  const sums = (await Promise.all(archives.map((file) => sumLine(out, file)))).join('');
  await writeFile(join(out, INSTALLER), installerText({ template, version, sums }), { mode: 0o755 });
  const text = `${sums}${await sumLine(out, INSTALLER)}`;
  await writeFile(join(out, SUMS), text);
  if (key === null) await rm(join(out, SIGNATURE), { force: true });
  else await writeFile(join(out, SIGNATURE), sign(null, Buffer.from(text), key));
}

/** Returns the installer of a version. `sums` are lines of SHA256SUMS, or empty. */
export const installerText = ({ template, version, sums = '' }) =>
  template.replace('@VERSION@', version).replace('@SUMS@', sums.trimEnd());

/**
 * Reads an Ed25519 private key in PEM (PKCS #8). For an encrypted one, asks for the passphrase on
 * the terminal, or else reads it from the first line of stdin.
 */
export async function readPrivateKey(file) {
  const pem = await readFile(file, 'utf8');
  const isEncrypted = pem.includes('BEGIN ENCRYPTED PRIVATE KEY');
  const passphrase = isEncrypted ? await askPassphrase(file) : undefined;
  let key;
  try {
    key = createPrivateKey({ key: pem, passphrase });
  } catch (error) {
    if (isEncrypted) throw new Error(`--sign: the passphrase does not open ${file}`, { cause: error });
    throw unusable('--sign', file, error);
  }
  return checkType(key, '--sign', file);
}

/** Reads the public keys in a PEM file. @returns them in PEM, without other text in the file */
export async function readPublicKeys(file) {
  const text = await readFile(file, 'utf8');
  if (text.includes('PRIVATE KEY')) throw new Error(`--trust: ${file} contains a private key`);
  const pems = text.match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? [];
  if (pems.length === 0) throw new Error(`--trust: ${file} contains no public key in PEM`);
  try {
    return pems.map((pem) => toPem(checkType(createPublicKey(pem), '--trust', file))).join('');
  } catch (error) {
    throw error.code === undefined ? error : unusable('--trust', file, error);
  }
}

/** Returns the public key of a private one, in PEM. */
export const publicPem = (key) => toPem(createPublicKey(key));

const toPem = (key) => key.export({ type: 'spki', format: 'pem' });

function checkType(key, option, file) {
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new Error(`${option}: ${file} is of type ${key.asymmetricKeyType}. ${MAKE_ONE}`);
}

const MAKE_ONE = 'To make a key: openssl genpkey -algorithm ed25519 -aes256 -out release.key';

const unusable = (option, file, cause) =>
  new Error(`${option}: ${file} is not an Ed25519 key in PEM. ${MAKE_ONE}`, { cause });

async function askPassphrase(file) {
  const { stdin, stderr } = process;
  const echo = (setting) => stdin.isTTY && spawnSync('stty', [setting], { stdio: 'inherit' });
  const reader = createInterface({ input: stdin });
  const onInterrupt = () => {
    echo('echo');
    process.exit(130);
  };
  process.once('SIGINT', onInterrupt);
  echo('-echo');
  stderr.write(`Passphrase of ${file}: `);
  try {
    for await (const line of reader) return line;
    throw new Error(`--sign: ${file} is encrypted, and stdin has no passphrase`);
  } finally {
    echo('echo');
    stderr.write('\n');
    reader.close();
    process.off('SIGINT', onInterrupt);
  }
}

async function sumLine(out, file) {
  const hash = createHash('sha256').update(await readFile(join(out, file)));
  return `${hash.digest('hex')}  ${file}\n`;
}
