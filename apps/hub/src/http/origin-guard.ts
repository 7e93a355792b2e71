import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import { problem } from './problem.ts';

export type AccessRules = {
  /** Origins of other sites whose pages may use this hub, such as `https://status.example.org`. */
  readonly allowedOrigins: readonly string[];
  /** Names under which this hub is reached beside `localhost` and addresses. */
  readonly hostNames: readonly string[];
};

/**
 * Refuses requests and upgrades that a browser makes on behalf of another site. A foreign Host means DNS rebinding: a page's own
 * name was pointed at this hub; addresses cannot be rebound. A foreign Origin means that another site's page asks.
 */
export function guardOrigin(rules: AccessRules): MiddlewareHandler {
  const allowedOrigins = new Set(rules.allowedOrigins);
  const hostNames = new Set([
    ...rules.hostNames,
    ...rules.allowedOrigins.map((origin) => new URL(origin).hostname),
  ]);
  return async (c, next) => {
    const host = c.req.header('host') ?? '';
    const name = hostName(host);
    if (name === null || !(isAddress(name) || isLocalhost(name) || hostNames.has(name))) {
      return problem(c, 403, 'Foreign Host', `This hub is not known as ${JSON.stringify(host)}.`);
    }
    const origin = c.req.header('origin');
    if (origin !== undefined && !isSameOrigin(origin, host) && !allowedOrigins.has(origin)) {
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

function isSameOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === new URL(`http://${host}/`).host;
}
