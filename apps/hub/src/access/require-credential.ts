import type { AuditVerdict, Role } from '@booner/protocol';
import type { Context, MiddlewareHandler } from 'hono';
import { clientAddress, clientOf } from '../http/client-address.ts';
import { isSameOrigin } from '../http/origin-guard.ts';
import { problem } from '../http/problem.ts';
import type { AccessRule } from '../http/route.ts';
import type { AuditLog } from './audit-log.ts';
import type { CredentialRegistry } from './credential-registry.ts';
import type { FailureLimit } from './failure-limit.ts';
import { type Identified, type Identify, peekCredential } from './identify.ts';
import type { LastUsed } from './last-used.ts';
import { ANYBODY, auditSubject, mayAct, type Principal, principalOfCredential } from './principal.ts';
import { clearSessionCookie, isRecent } from './sessions.ts';

/** Fields that a handler adds to the audit event of its request. */
export type AuditNote = {
  /** Principal that a public route has identified. */
  readonly principal?: Principal;
  readonly target?: string;
  readonly detail?: string;
};

declare module 'hono' {
  interface ContextVariableMap {
    auditNote: AuditNote;
  }
}

/** Adds to the audit event of a request. Only routes with a verb have one. */
export const noteForAudit = (c: Context, note: AuditNote): void =>
  c.set('auditNote', { ...c.get('auditNote'), ...note });

export type RequireCredentialDeps = {
  /** `false`: every client may do everything, and credentials only add a name to the audit log. */
  readonly isRequired: boolean;
  /** Origin under which users find the hub. Its pages are trusted. */
  readonly publicOrigin: string | null;
  readonly identify: Identify;
  readonly registry: Pick<CredentialRegistry, 'find'>;
  readonly limit: FailureLimit;
  readonly lastUsed: Pick<LastUsed, 'note'>;
  readonly audit: Pick<AuditLog, 'record'>;
};

/**
 * Enforces the access rule of each request's route, and records requests that have an audit verb.
 * Throws `BusError` when a credential cannot be checked because the bus fails.
 */
export function requireCredential(deps: RequireCredentialDeps): MiddlewareHandler {
  const { isRequired, identify, registry, limit, lastUsed, audit } = deps;

  const refuse = (
    c: Context,
    principal: Principal | null,
    verb: string,
    detail: string,
    answer: Response,
  ) => {
    const address = clientAddress(c);
    audit.record({ principal, address, verb, target: c.req.path, detail, verdict: 'denied' });
    return answer;
  };

  /** @returns the principal, or the answer to a request that is not allowed */
  const admit = async (
    c: Context,
    { role, recent = false, verb = nameOf(c) }: AccessRule & { readonly role: Role },
  ): Promise<Principal | Response> => {
    if (!isRequired) {
      const credential = peekCredential(c, registry);
      return credential === null ? ANYBODY : { ...ANYBODY, subject: auditSubject(credential) };
    }
    const identified = await identify(c);
    if (identified.type !== 'known') {
      const answer = unidentified(c, identified);
      // Requests without a credential are not recorded: every visit starts with one.
      return identified.type === 'nobody'
        ? answer
        : refuse(c, null, 'authenticate', REASONS[identified.type], answer);
    }
    const principal = principalOfCredential(identified.credential);
    if (identified.by === 'cookie' && isForeign(c, deps.publicOrigin)) {
      const detail = 'A page of another site sent this request with your session. Open this hub directly.';
      return refuse(c, principal, verb, detail, problem(c, 403, 'Foreign request', detail));
    }
    if (!mayAct(principal, role)) {
      const detail = `This needs the role ${role}. Yours is ${principal.role}.`;
      return refuse(c, principal, verb, detail, problem(c, 403, 'Not allowed', detail));
    }
    if (recent && !isRecent(identified.credential)) {
      const answer = problem(c, 403, 'Sign in again', SIGN_IN_AGAIN_DETAIL, undefined, 'sign_in_again');
      return refuse(c, principal, verb, 'the session was not confirmed recently', answer);
    }
    lastUsed.note(identified.credential.id);
    return principal;
  };

  return async (c, next) => {
    const rule = c.get('accessRule');
    const { role, verb, limited = false } = rule;
    if (role !== null) {
      const admitted = await admit(c, { ...rule, role });
      if (admitted instanceof Response) return admitted;
      c.set('principal', admitted);
    }
    await next();
    if (limited && c.res.status === 401) {
      const waitMs = await limit.count(clientAddress(c));
      if (waitMs !== null) c.res = unidentified(c, { type: 'limited', waitMs });
    }
    if (verb === undefined) return;
    const { principal = c.get('principal') ?? null, target, detail } = c.get('auditNote') ?? {};
    const { status } = c.res;
    const verdict = verdictOf(status);
    const said = detail ?? (verdict === 'allowed' ? null : `answered ${status}`);
    audit.record({
      principal,
      address: clientAddress(c),
      verb,
      target: target ?? null,
      detail: said,
      verdict,
    });
  };
}

const nameOf = (c: Context): string => `${c.req.method} ${c.req.path}`.slice(0, 64);

const SIGN_IN_AGAIN_DETAIL =
  'This needs a sign-in within the last 15 minutes. Sign in again, or confirm your session with the token that ' +
  'you signed in with.';

const REASONS = {
  unknown: 'an invalid token, session or ticket',
  limited: 'too many invalid tokens, sessions or tickets',
} as const;

/** Answers 401 or 429 to a request without a valid credential. */
export function unidentified(c: Context, identified: Exclude<Identified, { type: 'known' }>): Response {
  switch (identified.type) {
    case 'nobody':
      c.header('www-authenticate', 'Bearer realm="booner"');
      return problem(
        c,
        401,
        'Not signed in',
        'This hub requires sign-in. Sign in on its dashboard, or send a token as "Authorization: Bearer …".',
      );
    case 'unknown': {
      c.header('www-authenticate', 'Bearer realm="booner", error="invalid_token"');
      if (identified.by === 'cookie') clearSessionCookie(c);
      const what = { bearer: 'The token', ticket: 'The ticket', cookie: 'The session' }[identified.by];
      return problem(c, 401, 'Not signed in', `${what} is unknown, has expired or was revoked.`);
    }
    case 'limited': {
      const seconds = Math.ceil(identified.waitMs / 1000);
      c.header('retry-after', String(seconds));
      const detail = `Your address has failed to sign in too often. Try again in ${seconds} s.`;
      return problem(c, 429, 'Too many failures', detail);
    }
    default:
      return identified satisfies never;
  }
}

/**
 * Detects requests with a cookie from another site's page that change something or open a stream.
 */
function isForeign(c: Context, publicOrigin: string | null): boolean {
  const isReading = c.req.method === 'GET' || c.req.method === 'HEAD';
  if (isReading && c.req.header('upgrade') === undefined) return false;
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const origin = c.req.header('origin');
  return origin !== undefined && origin !== publicOrigin && !isSameOrigin(origin, clientOf(c));
}

function verdictOf(status: number): AuditVerdict {
  if (status < 400) return 'allowed';
  return status === 401 || status === 403 ? 'denied' : 'failed';
}
