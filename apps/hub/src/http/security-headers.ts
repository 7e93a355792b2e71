import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { clientOf } from './client-address.ts';

/** What pages of this hub may do: nothing but talk to it. No script or style stands in a page itself. */
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
/** Swagger UI writes style attributes, and draws icons of data. */
const REFERENCE_POLICY = { ...STRICT_POLICY, styleSrc: ["'self'", "'unsafe-inline'"] };

/** What no page of this hub asks a browser for. */
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

/** Half a year. Of this name alone: names below it are other servers'. */
const TLS_FROM_NOW_ON = 'max-age=15552000';

/**
 * Headers that keep browsers from what this hub's pages do not need, and caches from what is not theirs: an answer that says nothing
 * of caches is stored nowhere. Whoever came over TLS shall come so again (RFC 6797).
 */
export function securityHeaders(): MiddlewareHandler {
  const strict = withPolicy(STRICT_POLICY);
  const reference = withPolicy(REFERENCE_POLICY);
  return async (c, next) => {
    await (/^\/docs(?:\/|$)/.test(c.req.path) ? reference : strict)(c, next);
    if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
    if (clientOf(c).protocol === 'https') c.header('strict-transport-security', TLS_FROM_NOW_ON);
  };
}

const withPolicy = (contentSecurityPolicy: typeof STRICT_POLICY): MiddlewareHandler =>
  secureHeaders({
    strictTransportSecurity: false, // as the client came
    xFrameOptions: 'DENY',
    permissionsPolicy: NO_DEVICES,
    contentSecurityPolicy,
  });
