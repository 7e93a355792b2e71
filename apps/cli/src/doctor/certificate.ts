import { isIP } from 'node:net';
import { connect, type PeerCertificate } from 'node:tls';
import { type CheckResult, fail, ok, warn } from './check.ts';
import type { Endpoint } from './endpoint.ts';

const HANDSHAKE_DEADLINE_MS = 5000;
const DAY_MS = 24 * 3_600_000;
/** Leaves time to renew a certificate by hand. */
const WARN_BEFORE_MS = 14 * DAY_MS;

type Handshake =
  | { readonly type: 'done'; readonly issue: string | null; readonly certificate: PeerCertificate }
  | { readonly type: 'failed'; readonly code: string };

/**
 * Checks that a server supports TLS and that this machine trusts its certificate.
 * @param ca certificate of a private authority, in PEM
 * @param caSetting option or variable that names such a certificate, for the hint
 */
export async function checkCertificate(
  endpoint: Endpoint,
  ca: string | undefined,
  caSetting: string,
): Promise<CheckResult> {
  const { what, host, port } = endpoint;
  const handshake = await startTls(endpoint, ca);
  if (handshake.type === 'failed') {
    const isPlain = /WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST|ECONNRESET|EPROTO/.test(handshake.code);
    return fail(
      `${what} at ${host}:${port} does not support TLS (${handshake.code})`,
      isPlain
        ? 'use the URL without TLS (http://, redis://), or configure a certificate on the server'
        : `run \`openssl s_client -connect ${host}:${port}\` for details`,
    );
  }
  const { issue, certificate } = handshake;
  const endsAtMs = Date.parse(certificate.valid_to);
  const daysLeft = Math.floor((endsAtMs - Date.now()) / DAY_MS);
  if (issue !== null) return describeIssue(issue, endpoint, certificate, caSetting);
  if (endsAtMs - Date.now() < WARN_BEFORE_MS) {
    return warn(
      `the certificate of ${what} expires in ${daysLeft} days`,
      'renew it; the hub reloads changed files automatically',
    );
  }
  return ok(`the certificate of ${what} is valid for ${daysLeft} days`);
}

function startTls({ host, port }: Endpoint, ca: string | undefined): Promise<Handshake> {
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(ca === undefined ? {} : { ca }),
      rejectUnauthorized: false, // checked below, and nothing is sent
    });
    const end = (handshake: Handshake) => {
      socket.destroy();
      resolve(handshake);
    };
    const timer = setTimeout(() => end({ type: 'failed', code: 'no response' }), HANDSHAKE_DEADLINE_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve({ type: 'failed', code: 'closed during the handshake' });
    });
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end({ type: 'failed', code: error.code ?? error.message }),
    );
    socket.once('secureConnect', () => {
      const { authorizationError: error } = socket;
      const issue = error ? ((error as NodeJS.ErrnoException).code ?? String(error)) : null;
      end({ type: 'done', issue, certificate: socket.getPeerCertificate() });
    });
  });
}

function describeIssue(
  issue: string,
  { what, host }: Endpoint,
  certificate: PeerCertificate,
  caSetting: string,
): CheckResult {
  const names = certificate.subjectaltname ?? 'no name';
  switch (issue) {
    case 'CERT_HAS_EXPIRED':
      return fail(
        `the certificate of ${what} expired on ${certificate.valid_to}`,
        'renew it; or, if the clock of this machine is wrong, correct it (`timedatectl` shows it)',
      );
    case 'CERT_NOT_YET_VALID':
      return fail(
        `the certificate of ${what} is not valid before ${certificate.valid_from}`,
        'the clock of this machine may be behind: run `sudo timedatectl set-ntp true`',
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return fail(
        `the certificate of ${what} is for ${names}, not for ${host}`,
        `use one of these names, or create a certificate for ${host}`,
      );
    default:
      return fail(
        `this machine does not trust the issuer of the certificate of ${what} (${issue})`,
        `set the certificate of its authority with ${caSetting}`,
      );
  }
}
