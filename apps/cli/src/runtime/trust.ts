import { readFileSync } from 'node:fs';
import * as tls from 'node:tls';
import { usageError } from '../errors/cli-error.ts';

/**
 * Makes every TLS connection of this process also trust the system's certificate authorities and
 * those in a PEM file.
 * @throws CliError if the file cannot be read or contains no certificate
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
    throw usageError(`cannot read the CA file ${path} (${(error as NodeJS.ErrnoException).code})`);
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw usageError(`the CA file ${path} contains no PEM certificate`);
  }
  return text;
}
