import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { clientOf } from './client-address.ts';

/** Pages may only load from and talk to this hub, without inline scripts and styles. */
const STRICT_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};
/** Swagger UI uses style attributes and `data:` icons. */
const REFERENCE_POLICY = { ...STRICT_POLICY, styleSrc: ["'self'", "'unsafe-inline'"] };

/** Files that tasks left: they may hold anything, and are no pages of this hub. */
const DOWNLOAD_POLICY = { defaultSrc: ["'none'"], sandbox: [], frameAncestors: ["'none'"] };

/** Browser features that no page of this hub uses. */
const NO_DEVICES = {
  camera: [],
  microphone: [],
  geolocation: [],
  displayCapture: [],
  payment: [],
  usb: [],
  serial: [],
  bluetooth: [],
  publickeyCredentialsGet: [],
};

/** Half a year, without subdomains: those are other servers. */
const REQUIRE_TLS = 'max-age=15552000';

/**
 * Restricts what browsers may do with answers. Answers without `cache-control` are not stored.
 * Clients that came over TLS are told to keep using it (RFC 6797).
 */
export function securityHeaders(): MiddlewareHandler {
  const strict = withPolicy(STRICT_POLICY);
  const reference = withPolicy(REFERENCE_POLICY);
  const download = withPolicy(DOWNLOAD_POLICY);
  const policyOf = (path: string) => {
    if (/^\/docs(?:\/|$)/.test(path)) return reference;
    return /^\/tasks\/[^/]+\/artefacts\//.test(path) ? download : strict;
  };
  return async (c, next) => {
    await policyOf(c.req.path)(c, next);
    const { headers } = c.res; // c.header() would build another answer
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
    if (clientOf(c).protocol === 'https') headers.set('strict-transport-security', REQUIRE_TLS);
  };
}

const withPolicy = (contentSecurityPolicy: Readonly<Record<string, string[]>>): MiddlewareHandler =>
  secureHeaders({
    strictTransportSecurity: false, // depends on how the client came
    xFrameOptions: 'DENY',
    permissionsPolicy: NO_DEVICES,
    contentSecurityPolicy,
  });
