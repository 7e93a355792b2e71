import { isIP } from 'node:net';
import { connect, type PeerCertificate } from 'node:tls';
import { fail, ok, type Said, warn } from './check.ts';
import type { Endpoint } from './endpoint.ts';

const HANDSHAKE_DEADLINE_MS = 5000;
const DAY_MS = 24 * 3_600_000;
/** Time to renew one by hand. */
const WARN_BEFORE_MS = 14 * DAY_MS;

type Handshake =
  | { readonly type: 'done'; readonly fault: string | null; readonly certificate: PeerCertificate }
  | { readonly type: 'failed'; readonly code: string };

/**
 * Whether a server speaks TLS, and this machine believes its certificate.
 * @param ca of an authority of one's own, in PEM
 * @param caAdvice how that is told to this program
 */
export async function checkCertificate(
  endpoint: Endpoint,
  ca: string | undefined,
  caAdvice: string,
): Promise<Said> {
  const { what, host, port } = endpoint;
  const handshake = await shakeHands(endpoint, ca);
  if (handshake.type === 'failed') {
    const isPlain = /WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST|ECONNRESET|EPROTO/.test(handshake.code);
    return fail(
      `${what} at ${host}:${port} does not speak TLS (${handshake.code})`,
      isPlain
        ? 'use the URL without TLS (http://, redis://), or set a certificate up there'
        : `\`openssl s_client -connect ${host}:${port}\` shows more`,
    );
  }
  const { fault, certificate } = handshake;
  const endsAtMs = Date.parse(certificate.valid_to);
  const daysLeft = Math.floor((endsAtMs - Date.now()) / DAY_MS);
  if (fault !== null) return judge(fault, endpoint, certificate, caAdvice);
  if (endsAtMs - Date.now() < WARN_BEFORE_MS) {
    return warn(
      `the certificate of ${what} ends in ${daysLeft} days`,
      'renew it; the hub reads changed files again by itself',
    );
  }
  return ok(`the certificate of ${what} is valid for ${daysLeft} days`);
}

function shakeHands({ host, port }: Endpoint, ca: string | undefined): Promise<Handshake> {
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(ca === undefined ? {} : { ca }),
      rejectUnauthorized: false, // what is wrong with it is asked below, and nothing is sent
    });
    const end = (handshake: Handshake) => {
      socket.destroy();
      resolve(handshake);
    };
    const timer = setTimeout(() => end({ type: 'failed', code: 'no answer' }), HANDSHAKE_DEADLINE_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve({ type: 'failed', code: 'closed in the handshake' });
    });
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end({ type: 'failed', code: error.code ?? error.message }),
    );
    socket.once('secureConnect', () => {
      const { authorizationError: error } = socket;
      const fault = error ? ((error as NodeJS.ErrnoException).code ?? String(error)) : null;
      end({ type: 'done', fault, certificate: socket.getPeerCertificate() });
    });
  });
}

function judge(
  fault: string,
  { what, host }: Endpoint,
  certificate: PeerCertificate,
  caAdvice: string,
): Said {
  const names = certificate.subjectaltname ?? 'no names';
  switch (fault) {
    case 'CERT_HAS_EXPIRED':
      return fail(
        `the certificate of ${what} ended on ${certificate.valid_to}`,
        'renew it, or set this clock if it is wrong: `timedatectl`',
      );
    case 'CERT_NOT_YET_VALID':
      return fail(
        `the certificate of ${what} begins on ${certificate.valid_from}`,
        'this clock is behind: `sudo timedatectl set-ntp true`',
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return fail(
        `the certificate of ${what} is for ${names}, not for ${host}`,
        `use one of these names, or make a certificate for ${host}`,
      );
    default:
      return fail(
        `this machine does not know who signed the certificate of ${what} (${fault})`,
        `${caAdvice} names the authority's certificate`,
      );
  }
}
