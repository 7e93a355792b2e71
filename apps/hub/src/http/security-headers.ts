import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

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

/** Headers that keep browsers from what this hub's pages do not need. */
export function securityHeaders(): MiddlewareHandler {
  const strict = withPolicy(STRICT_POLICY);
  const reference = withPolicy(REFERENCE_POLICY);
  return (c, next) => (/^\/docs(?:\/|$)/.test(c.req.path) ? reference : strict)(c, next);
}

const withPolicy = (contentSecurityPolicy: typeof STRICT_POLICY): MiddlewareHandler =>
  secureHeaders({
    strictTransportSecurity: false, // this server speaks HTTP; who puts TLS before it says so
    xFrameOptions: 'DENY',
    contentSecurityPolicy,
  });
