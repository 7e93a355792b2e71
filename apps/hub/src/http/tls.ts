import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { createFailureLog, type Logger, runLoop, StartError } from '@booner/service';

/** Where the certificate of the hub lies, with those between it and its authority, and its key. Both in PEM. */
export type TlsFiles = { readonly certificateFile: string; readonly keyFile: string };

export type TlsPair = {
  readonly files: TlsFiles;
  readonly certificate: string;
  readonly key: string;
  readonly validToMs: number;
};

/** How often the files are looked at. A look reads some kilobytes, and sees what watchers miss: symbolic links and whole folders swapped. */
const LOOK_INTERVAL_MS = 2000;

/** Reads a certificate and its key. @returns what is wrong with them, by the setting that names the file, where something is */
export function readTlsPair(files: TlsFiles): TlsPair | { readonly fault: string } {
  const { certificateFile, keyFile } = files;
  const certificate = readText(certificateFile);
  if (certificate instanceof Error) return faultOf(CERTIFICATE, certificateFile, unreadable(certificate));
  const key = readText(keyFile);
  if (key instanceof Error) return faultOf(KEY, keyFile, unreadable(key));
  const parsed = attempt(() => new X509Certificate(certificate));
  if (parsed === null) return faultOf(CERTIFICATE, certificateFile, 'holds no certificate in PEM');
  if (/ENCRYPTED/.test(key)) {
    return faultOf(KEY, keyFile, 'holds a key with a passphrase; a hub needs one without');
  }
  const parsedKey = attempt(() => createPrivateKey(key));
  if (parsedKey === null) return faultOf(KEY, keyFile, 'holds no private key in PEM');
  if (!parsed.checkPrivateKey(parsedKey)) {
    return faultOf(KEY, keyFile, `is not the key of the certificate in ${certificateFile}`);
  }
  const pair = { files, certificate, key, validToMs: parsed.validToDate.getTime() };
  // The rest of the chain, and what OpenSSL finds too weak.
  const isUsable = attempt(() => createSecureContext(secureContextOf(pair))) !== null;
  return isUsable ? pair : faultOf(CERTIFICATE, certificateFile, 'is refused by OpenSSL: chain or strength');
}

/**
 * The same for a start.
 * @throws StartError saying what is wrong
 */
export function requireTlsPair(files: TlsFiles): TlsPair {
  const read = readTlsPair(files);
  if ('fault' in read) throw new StartError(read.fault);
  return read;
}

/** What a TLS server is told: TLS 1.2 or newer. */
export const secureContextOf = ({ certificate, key }: TlsPair): SecureContextOptions => ({
  cert: certificate,
  key,
  minVersion: 'TLSv1.2',
});

export type KeepTlsDeps = {
  /** What is served now. */
  readonly pair: TlsPair;
  /** Serves another pair to connections from now on. */
  readonly serve: (pair: TlsPair) => void;
  readonly log: Logger;
};

/**
 * Serves what the files hold whenever that changes, until the signal aborts. A pair that is no good leaves the old one in use, and is
 * logged once it has stayed so for two looks: whoever renews a certificate replaces two files, one after the other.
 */
export function keepTls(
  { pair, serve, log }: KeepTlsDeps,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  let served = pair;
  let lastFault = '';
  let loggedFault = '';
  warnOfExpiry(served, log);
  const look = () => {
    const read = readTlsPair(pair.files);
    if ('fault' in read) {
      if (read.fault === lastFault && read.fault !== loggedFault) {
        log.error({ fault: read.fault }, 'the new certificate is not used; the old one still is');
        loggedFault = read.fault;
      }
      lastFault = read.fault;
      return;
    }
    lastFault = loggedFault = '';
    if (read.certificate === served.certificate && read.key === served.key) return;
    serve(read);
    served = read;
    log.info({ validTo: new Date(read.validToMs).toISOString() }, 'a new certificate is in use');
    warnOfExpiry(read, log);
  };
  const failures = createFailureLog(log, {
    failing: 'the new certificate could not be used',
    recovered: 'certificates can be used again',
  });
  return runLoop(
    { run: look, intervalMs: LOOK_INTERVAL_MS, phaseMs: LOOK_INTERVAL_MS, failures },
    { signal },
  );
}

const CERTIFICATE = 'BOONER_TLS_CERT_FILE';
const KEY = 'BOONER_TLS_KEY_FILE';

const faultOf = (setting: string, path: string, what: string) => ({ fault: `${setting}: ${path} ${what}` });

function warnOfExpiry({ validToMs }: TlsPair, log: Logger): void {
  if (validToMs > Date.now()) return;
  log.warn({ validTo: new Date(validToMs).toISOString() }, 'the certificate has expired: clients refuse it');
}

function readText(path: string): string | NodeJS.ErrnoException {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}

const unreadable = ({ code, message }: NodeJS.ErrnoException) => `cannot be read (${code ?? message})`;

/** What a parser of the runtime gives; `null` where it throws, whatever it says of it. */
function attempt<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch {
    return null;
  }
}
