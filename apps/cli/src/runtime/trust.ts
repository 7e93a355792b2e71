import { readFileSync } from 'node:fs';
import * as tls from 'node:tls';
import { usageError } from '../errors/cli-error.ts';

/**
 * Makes every TLS connection of this process also trust the authorities that this machine trusts, and those of a file in PEM.
 * @throws CliError when the file holds no certificates
 */
export function trustAuthorities(caFile: string | null): void {
  const authorities = [...tls.getCACertificates('default'), ...tls.getCACertificates('system')];
  if (caFile !== null) authorities.push(readAuthority(caFile));
  tls.setDefaultCACertificates([...new Set(authorities)]);
}

function readAuthority(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw usageError(`the CA file ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw usageError(`${path} holds no certificate in PEM`);
  }
  return text;
}
