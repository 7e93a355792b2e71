import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { createFailureLog, type Logger, runLoop, StartError } from '@booner/service';

/**
 * Paths of the hub's certificate with its intermediate certificates, and of its key. Both are PEM.
 */
export type TlsFiles = { readonly certificateFile: string; readonly keyFile: string };

export type TlsPair = {
  readonly files: TlsFiles;
  readonly certificate: string;
  readonly key: string;
  readonly validToMs: number;
};

/**
 * Interval at which the files are read. That costs some kilobytes, and notices what file watchers
 * miss: replaced symbolic links and folders.
 */
const LOOK_INTERVAL_MS = 2000;

/**
 * Reads a certificate and its key.
 * @returns the issue of the first setting whose file cannot be used
 */
export function readTlsPair(files: TlsFiles): TlsPair | { readonly issue: string } {
  const { certificateFile, keyFile } = files;
  const certificate = readText(certificateFile);
  if (certificate instanceof Error) return issueOf(CERTIFICATE, certificateFile, unreadable(certificate));
  const key = readText(keyFile);
  if (key instanceof Error) return issueOf(KEY, keyFile, unreadable(key));
  const parsed = attempt(() => new X509Certificate(certificate));
  if (parsed === null) return issueOf(CERTIFICATE, certificateFile, 'holds no certificate in PEM');
  if (/ENCRYPTED/.test(key)) {
    return issueOf(KEY, keyFile, 'contains a key with a passphrase. Use a key without one');
  }
  const parsedKey = attempt(() => createPrivateKey(key));
  if (parsedKey === null) return issueOf(KEY, keyFile, 'holds no private key in PEM');
  if (!parsed.checkPrivateKey(parsedKey)) {
    return issueOf(KEY, keyFile, `is not the key of the certificate in ${certificateFile}`);
  }
  const pair = { files, certificate, key, validToMs: parsed.validToDate.getTime() };
  // Checks the rest of the chain, and that OpenSSL finds nothing too weak.
  const isUsable = attempt(() => createSecureContext(secureContextOf(pair))) !== null;
  return isUsable
    ? pair
    : issueOf(
        CERTIFICATE,
        certificateFile,
        'is rejected by OpenSSL: its chain is invalid or its key is too weak',
      );
}

/**
 * Reads a certificate and its key at the start.
 * @throws StartError with the issue of the first setting whose file cannot be used
 */
export function requireTlsPair(files: TlsFiles): TlsPair {
  const read = readTlsPair(files);
  if ('issue' in read) throw new StartError(read.issue);
  return read;
}

/** Options of a TLS server: TLS 1.2 or newer. */
export const secureContextOf = ({ certificate, key }: TlsPair): SecureContextOptions => ({
  cert: certificate,
  key,
  minVersion: 'TLSv1.2',
});

export type KeepTlsDeps = {
  /** Served at the start. */
  readonly pair: TlsPair;
  /** Serves another pair to new connections. */
  readonly serve: (pair: TlsPair) => void;
  readonly log: Logger;
};

/**
 * Serves a new certificate whenever its files change, until the signal aborts. An invalid pair
 * leaves the old one in use. It is logged if two reads in a row find it, because a renewal replaces
 * the two files one after the other.
 */
export function keepTls(
  { pair, serve, log }: KeepTlsDeps,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  let served = pair;
  let lastIssue = '';
  let loggedIssue = '';
  warnOfExpiry(served, log);
  const look = () => {
    const read = readTlsPair(pair.files);
    if ('issue' in read) {
      if (read.issue === lastIssue && read.issue !== loggedIssue) {
        log.error({ issue: read.issue }, 'the new certificate is invalid: the old one stays in use');
        loggedIssue = read.issue;
      }
      lastIssue = read.issue;
      return;
    }
    lastIssue = loggedIssue = '';
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

const issueOf = (setting: string, path: string, what: string) => ({ issue: `${setting}: ${path} ${what}` });

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

/** The result of a parser; `null` if it throws. */
function attempt<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch {
    return null;
  }
}
