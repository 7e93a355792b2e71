import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import { type Client, clientOf } from './client-address.ts';
import { problem } from './problem.ts';

export type OriginRules = {
  /** Other sites whose pages may use this hub, such as `https://status.example.org`. */
  readonly allowedOrigins: readonly string[];
  /** Host names of this hub, besides `localhost` and addresses. */
  readonly hostNames: readonly string[];
  /**
   * Origin under which users find this hub, such as `https://hub.example.org`. Its pages are
   * trusted.
   */
  readonly publicOrigin?: string | null;
};

/**
 * Rejects requests and upgrades that a browser makes for another site. An unknown Host suggests DNS
 * rebinding, where a site points its own name at this hub; addresses cannot be rebound. An unknown
 * Origin is the page of another site.
 */
export function guardOrigin(rules: OriginRules): MiddlewareHandler {
  const origins = [...rules.allowedOrigins, ...(rules.publicOrigin ? [rules.publicOrigin] : [])];
  const allowedOrigins = new Set(origins);
  const hostNames = new Set([...rules.hostNames, ...origins.map((origin) => new URL(origin).hostname)]);
  const isKnown = (host: string): boolean => {
    const name = hostName(host);
    return name !== null && (isAddress(name) || isLocalhost(name) || hostNames.has(name));
  };
  return async (c, next) => {
    const client = clientOf(c);
    // Both, because a proxy may forward an X-Forwarded-Host that a page made up.
    const foreign = [c.req.header('host') ?? '', client.host].find((host) => !isKnown(host));
    if (foreign !== undefined) {
      const hint = 'If users reach it under that name, set BOONER_PUBLIC_URL.';
      return problem(c, 403, 'Foreign Host', `This hub is not known as ${JSON.stringify(foreign)}. ${hint}`);
    }
    const origin = c.req.header('origin');
    if (origin !== undefined && !isSameOrigin(origin, client) && !allowedOrigins.has(origin)) {
      const hint = 'To allow them, add it to BOONER_ALLOWED_ORIGINS.';
      return problem(
        c,
        403,
        'Foreign Origin',
        `Pages of ${JSON.stringify(origin)} may not use this hub. ${hint}`,
      );
    }
    return next();
  };
}

/** Parses the name in a Host header: lower case, without port and brackets; `null` if malformed. */
function hostName(host: string): string | null {
  if (!URL.canParse(`http://${host}/`)) return null;
  const { hostname, host: parsed } = new URL(`http://${host}/`);
  if (parsed.length === 0 || host.includes('@') || host.includes('/')) return null;
  return hostname.replace(/^\[|\]$/g, '');
}

const isAddress = (name: string) => isIP(name) !== 0;
/** `localhost` and names below it always resolve to loopback (RFC 6761 section 6.3). */
const isLocalhost = (name: string) => name === 'localhost' || name.endsWith('.localhost');

/**
 * Checks that an origin is this hub's own. An `https` page matches an `http` request, because a
 * proxy may not announce its TLS; an `http` page never matches an `https` request.
 */
export function isSameOrigin(origin: string, { protocol, host }: Client): boolean {
  const page = URL.parse(origin);
  if (page === null || !(page.protocol === 'https:' || (page.protocol === 'http:' && protocol === 'http'))) {
    return false;
  }
  return page.host === URL.parse(`${page.protocol}//${host}/`)?.host;
}
