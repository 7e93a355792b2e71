import { timingSafeEqual } from 'node:crypto';
import type { AccessBus } from '@booner/bus';
import { hashSecret } from '@booner/bus/secrets';
import { ALL_SCOPES, type OidcTransaction } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { randomState } from 'openid-client';
import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js';
import type { OidcConfig } from '../config/oidc-config.ts';
import { busRoutes } from '../http/bus-problem.ts';
import { clientAddress, clientOf, requestOrigin } from '../http/client-address.ts';
import { faults } from '../tasks/task-schemas.ts';
import { networkOf } from './failure-limit.ts';
import { roleOf, subjectOf } from './oidc-person.ts';
import type { OidcEnd, OidcFault, OidcProvider } from './oidc-provider.ts';
import { principalOfCredential } from './principal.ts';
import { noteForAudit, unidentified } from './require-credential.ts';
import type { StartSession } from './sessions.ts';
import { notSignedIn, signedInPage } from './sign-in-page.ts';

/** A person may have to find a second factor; who takes longer begins anew. */
const SIGN_IN_LIFETIME_MS = 600_000;
const SESSION_LIFETIME_MS = 8 * 3_600_000;
/** A start is kept on the bus for ten minutes, and costs whoever asks nothing: so one network has this many a minute. */
const STARTS = { points: 60, duration: 60 };
const STATE_COOKIE = 'booner_oidc';
const CALLBACK_PATH = 'auth/oidc/callback';
const MAX_RETURN_LENGTH = 2000;
/** Of a credential; subjects may be longer. */
const MAX_NAME_LENGTH = 100;

const OIDC_START_PATH = '/auth/oidc/start';

export type OidcRoutesDeps = {
  readonly config: OidcConfig;
  readonly provider: OidcProvider;
  readonly bus: Pick<AccessBus, 'putOidc' | 'takeOidc'>;
  readonly startSession: StartSession;
  /** Where users find the hub; `null`: by whatever name they ask it. */
  readonly publicUrl: URL | null;
  readonly log: Logger;
};

const tags = ['access'];
const htmlAnswer = (description: string) => ({
  description,
  content: { 'text/html': { schema: z.string() } },
});
const startRoute = createRoute({
  method: 'get',
  path: OIDC_START_PATH,
  summary: 'Begins a sign-in at the identity provider',
  tags,
  request: {
    query: z.object({
      return: z
        .string()
        .optional()
        .openapi({ description: 'Path of this hub to go on to', example: '/dashboard/' }),
    }),
  },
  responses: {
    302: { description: 'To the identity provider' },
    ...faults({ 429: 'Too many sign-ins', 502: 'The identity provider is away' }),
  },
});
const callbackRoute = createRoute({
  method: 'get',
  path: `/${CALLBACK_PATH}`,
  summary: 'Where the identity provider sends the browser back to',
  tags,
  request: {
    query: z.object({ state: z.string(), code: z.string().optional(), error: z.string().optional() }),
  },
  responses: {
    200: htmlAnswer('Signed in: a page that leads on, with the cookie of the session'),
    ...faults({
      400: 'Not a sign-in that this browser began',
      403: 'Refused by the identity provider, or no group with a role',
      410: 'Ended before, or too late',
      502: 'The identity provider is away',
    }),
  },
});

/** The sign-in at an identity provider. */
export function oidcRoutes({
  config,
  provider,
  bus,
  startSession,
  publicUrl,
  log,
}: OidcRoutesDeps): OpenAPIHono {
  const routes = busRoutes(log);
  const starts = new RateLimiterMemory(STARTS);

  /** The root of the hub as browsers see it, with a slash at its end. */
  const baseOf = (c: Context): URL => {
    const base = new URL(publicUrl ?? requestOrigin(c));
    if (!base.pathname.endsWith('/')) base.pathname += '/';
    return base;
  };
  const fail = (c: Context, status: 400 | 403 | 410 | 502, title: string, detail: string) => {
    noteForAudit(c, { detail });
    const signInPath = new URL('dashboard/sign-in', baseOf(c)).pathname;
    return notSignedIn(c, status, title, { detail, signInPath });
  };
  const failAtProvider = (c: Context, { type, detail }: OidcFault) => {
    const level = type === 'refused' ? 'info' : 'warn'; // the former is an answer to one person
    log[level]({ issuer: config.issuer.href, detail }, 'a sign-in at the identity provider failed');
    return type === 'refused'
      ? fail(c, 403, 'Sign-in refused', detail)
      : fail(c, 502, 'Identity provider away', `${detail} Try again later, or sign in with a token.`);
  };

  routes.openAPIRegistry.registerPath(startRoute);
  routes.get(OIDC_START_PATH, async (c) => {
    const { consumedPoints, msBeforeNext } = await starts.penalty(networkOf(clientAddress(c)));
    if (consumedPoints > STARTS.points) return unidentified(c, { type: 'limited', waitMs: msBeforeNext });
    const state = randomState();
    const started = await provider.start(state, {
      redirectUri: new URL(CALLBACK_PATH, baseOf(c)).href,
      returnTo: pathWithin(c.req.query('return')),
    });
    if (started.type !== 'started') return failAtProvider(c, started);
    await bus.putOidc(hashSecret(state), started.transaction, SIGN_IN_LIFETIME_MS);
    setCookie(c, STATE_COOKIE, state, { ...cookieAttributes(c), maxAge: SIGN_IN_LIFETIME_MS / 1000 });
    return c.redirect(started.url.href);
  });

  /** What the browser that came back began; a fault when it began nothing of the kind. */
  const takeTransaction = async (c: Context): Promise<OidcTransaction | 'foreign' | 'over'> => {
    const state = c.req.query('state');
    const begun = getCookie(c, STATE_COOKIE);
    if (state === undefined || begun === undefined || !isSameText(state, begun)) return 'foreign';
    deleteCookie(c, STATE_COOKIE, cookieAttributes(c));
    return (await bus.takeOidc(hashSecret(state))) ?? 'over';
  };
  const signIn = async (c: Context, { claims, groups }: OidcEnd, returnTo: string) => {
    const subject = subjectOf(claims);
    const role = roleOf(groups, config.roles);
    if (role === null) {
      const detail = `${subject} is in no group that has a role on this hub. An admin can give it one with BOONER_OIDC_ROLES.`;
      return fail(c, 403, 'No role', detail);
    }
    const session = await startSession(c, {
      name: subject.slice(0, MAX_NAME_LENGTH).trim(),
      subject,
      role,
      scopes: ALL_SCOPES,
      createdBy: `OIDC ${config.issuer.host}`,
      madeWithoutSignIn: false,
      parentId: null,
      lifetimeMs: SESSION_LIFETIME_MS,
      endsByMs: null,
    });
    noteForAudit(c, {
      principal: principalOfCredential(session),
      detail: `at ${config.issuer.host}, as ${role}`,
    });
    return signedInPage(c, new URL(`.${returnTo}`, baseOf(c)).href);
  };

  routes.openAPIRegistry.registerPath(callbackRoute);
  routes.get(`/${CALLBACK_PATH}`, async (c) => {
    const transaction = await takeTransaction(c);
    if (transaction === 'foreign') {
      const detail = `This browser did not begin the sign-in that it was sent back from. Begin it at ${baseOf(c).href}`;
      return fail(c, 400, 'Not your sign-in', detail);
    }
    if (transaction === 'over') {
      return fail(c, 410, 'Sign-in over', 'This sign-in has ended before, or took longer than ten minutes.');
    }
    const { search } = new URL(c.req.url);
    const ended = await provider.end(search, c.req.query('state') ?? '', transaction);
    return ended.type === 'known' ? signIn(c, ended, transaction.returnTo) : failAtProvider(c, ended);
  });
  return routes;
}

/** Lax: the cookie has to come with the browser that the provider sends back, and it gives no right but to end this sign-in. */
const cookieAttributes = (c: Context) =>
  ({ httpOnly: true, sameSite: 'Lax', path: '/', secure: clientOf(c).protocol === 'https' }) as const;

/** Of hashes, so that the time tells nothing and lengths do not matter. */
const isSameText = (a: string, b: string): boolean =>
  timingSafeEqual(Buffer.from(hashSecret(a)), Buffer.from(hashSecret(b)));

/** A path of this hub, with query and fragment; the front page in place of what leads elsewhere. */
export function pathWithin(wanted: string | undefined): string {
  const base = 'http://hub.invalid';
  const url = wanted === undefined || wanted.length > MAX_RETURN_LENGTH ? null : URL.parse(wanted, base);
  if (url === null || url.origin !== base || !wanted?.startsWith('/')) return '/';
  return url.pathname.startsWith('//') ? '/' : `${url.pathname}${url.search}${url.hash}`;
}
