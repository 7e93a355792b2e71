import { createPublicKey, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AddedTarget } from '@booner/protocol';
import { installCommand } from '@booner/protocol/install-command';
import { ENROLMENT_PREFIX, isSecretText } from '@booner/protocol/secret-texts';
import { CliError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';

const DEADLINE_MS = 10_000;
const PUBLIC_KEY = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;
const INSTALLER_LINE = /^([0-9a-f]{64}) {2}install\.sh$/m;
const HOST_LINE = /^[0-9a-f]{64} {2}booner-host-([\w.-]+)-linux-\w+\.tar\.gz$/m;

export type SignedInstaller = {
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
  /** Version of the packages that it installs. */
  readonly version: string;
};

/**
 * Reads the checksum of the hub's installer, which an attacker who controls the hub cannot forge.
 * @returns `null` if this program has no release keys, as in a clone
 * @throws CliError if the hub's checksums are not signed with one of its release keys
 */
export async function readSignedInstaller(hubUrl: string): Promise<SignedInstaller | null> {
  const keys = await readReleaseKeys();
  if (keys === null) return null;
  const [sums, signature] = await Promise.all([
    download(`${hubUrl}/packages/SHA256SUMS`),
    download(`${hubUrl}/packages/SHA256SUMS.sig`),
  ]);
  const isSigned = (keys.match(PUBLIC_KEY) ?? [])
    .map((pem) => createPublicKey(pem))
    .some((key) => key.asymmetricKeyType === 'ed25519' && verify(null, sums, key, signature));
  const [, sha256] = INSTALLER_LINE.exec(sums.toString()) ?? [];
  const [, version] = HOST_LINE.exec(sums.toString()) ?? [];
  if (!isSigned || sha256 === undefined || version === undefined) throw notSigned();
  return { sha256, version };
}

/**
 * Makes the command for a host. The hub's own command is not used, since it may do anything.
 * @throws CliError if the hub offers another installer than the signed one
 */
export function signedCommand({ sha256 }: SignedInstaller, added: AddedTarget, withTasks: boolean): string {
  const { key, hubUrl, installerSha256 } = added;
  const isSafe = installerSha256 === sha256 && isSecretText(key, ENROLMENT_PREFIX) && URL.canParse(hubUrl);
  if (!isSafe) throw notSigned();
  return installCommand({ hubUrl: new URL(hubUrl).href, installerSha256: sha256, key, withTasks });
}

const notSigned = (): CliError =>
  new CliError(
    "the hub's installer is not signed with the release key of this program, so no host may run it",
    EXIT.failed,
    'check the packages on the hub, which someone may have changed (docs/releasing.md)',
  );

/** In a package, the keys lie beside the bundled program. */
async function readReleaseKeys(): Promise<string | null> {
  try {
    return await readFile(join(import.meta.dirname, 'release-keys.pem'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function download(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(DEADLINE_MS) });
  if (!response.ok) throw notSigned();
  return Buffer.from(await response.arrayBuffer());
}
