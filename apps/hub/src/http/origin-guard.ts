import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import { type Client, clientOf } from './client-address.ts';
import { problem } from './problem.ts';

export type AccessRules = {
  /** Origins of other sites whose pages may use this hub, such as `https://status.example.org`. */
  readonly allowedOrigins: readonly string[];
  /** Names under which this hub is reached beside `localhost` and addresses. */
  readonly hostNames: readonly string[];
  /** Where users find this hub, such as `https://hub.example.org`: it is known by that name, and that origin's pages are its own. */
  readonly publicOrigin?: string | null;
};

/**
 * Refuses requests and upgrades that a browser makes on behalf of another site. A foreign Host means DNS rebinding: a page's own
 * name was pointed at this hub; addresses cannot be rebound. A foreign Origin means that another site's page asks.
 */
export function guardOrigin(rules: AccessRules): MiddlewareHandler {
  const origins = [...rules.allowedOrigins, ...(rules.publicOrigin ? [rules.publicOrigin] : [])];
  const allowedOrigins = new Set(origins);
  const hostNames = new Set([...rules.hostNames, ...origins.map((origin) => new URL(origin).hostname)]);
  const isKnown = (host: string): boolean => {
    const name = hostName(host);
    return name !== null && (isAddress(name) || isLocalhost(name) || hostNames.has(name));
  };
  return async (c, next) => {
    const client = clientOf(c);
    // Both: a proxy may pass an X-Forwarded-Host on that a page made up.
    const foreign = [c.req.header('host') ?? '', client.host].find((host) => !isKnown(host));
    if (foreign !== undefined) {
      const mend = 'Set BOONER_PUBLIC_URL to where users find it.';
      return problem(c, 403, 'Foreign Host', `This hub is not known as ${JSON.stringify(foreign)}. ${mend}`);
    }
    const origin = c.req.header('origin');
    if (origin !== undefined && !isSameOrigin(origin, client) && !allowedOrigins.has(origin)) {
      const mend = 'List it in BOONER_ALLOWED_ORIGINS to allow it.';
      return problem(
        c,
        403,
        'Foreign Origin',
        `Pages of ${JSON.stringify(origin)} may not use this hub. ${mend}`,
      );
    }
    return next();
  };
}

/** The name in a Host header, in lower case and without port and brackets; `null` for a malformed one. */
function hostName(host: string): string | null {
  if (!URL.canParse(`http://${host}/`)) return null;
  const { hostname, host: parsed } = new URL(`http://${host}/`);
  if (parsed.length === 0 || host.includes('@') || host.includes('/')) return null;
  return hostname.replace(/^\[|\]$/g, '');
}

const isAddress = (name: string) => isIP(name) !== 0;
/** `localhost` and names below it always mean this machine (RFC 6761 section 6.3). */
const isLocalhost = (name: string) => name === 'localhost' || name.endsWith('.localhost');

/** A page that came over TLS is this hub's own also where a proxy before it says nothing about TLS; never the other way round. */
export function isSameOrigin(origin: string, { protocol, host }: Client): boolean {
  const page = URL.parse(origin);
  if (page === null || !(page.protocol === 'https:' || (page.protocol === 'http:' && protocol === 'http'))) {
    return false;
  }
  return page.host === URL.parse(`${page.protocol}//${host}/`)?.host;
}
