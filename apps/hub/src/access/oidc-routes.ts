import { timingSafeEqual } from 'node:crypto';
import type { AccessBus } from '@booner/bus';
import { hashSecret } from '@booner/bus/secrets';
import { ALL_SCOPES, type OidcTransaction } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { randomState } from 'openid-client';
import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js';
import type { OidcConfig } from '../config/oidc-config.ts';
import { networkOf } from '../http/address.ts';
import { clientAddress, hubUrl } from '../http/client-address.ts';
import { BUS_UNAVAILABLE, textAnswer } from '../http/openapi.ts';
import { PUBLIC, type Routes, route, serve } from '../http/route.ts';
import { clearCookie, type HubCookie, readCookie, writeCookie } from './cookies.ts';
import { confirmedAtMsOf, roleOf, subjectOf } from './oidc-person.ts';
import type { OidcFailure, OidcIdentity, OidcProvider } from './oidc-provider.ts';
import { principalOfCredential } from './principal.ts';
import { noteForAudit, unidentified } from './require-credential.ts';
import { RECENT_MS, type StartSession } from './sessions.ts';
import { notSignedIn, signedInPage } from './sign-in-page.ts';

/** Long enough to find a second factor. After that the sign-in starts over. */
const SIGN_IN_LIFETIME_MS = 600_000;
const SESSION_LIFETIME_MS = 8 * 3_600_000;
/** Per network: each start is kept on the bus for ten minutes, and costs the client nothing. */
const STARTS = { points: 60, duration: 60 };
/**
 * Lax, because the browser must send the cookie when the provider redirects it back. All that the
 * cookie allows is to finish this sign-in.
 */
const STATE_COOKIE: HubCookie = { name: 'booner_oidc', sameSite: 'Lax' };
const CALLBACK_PATH = 'auth/oidc/callback';
const MAX_RETURN_LENGTH = 2000;
/** Longest name of a credential; subjects may be longer. */
const MAX_NAME_LENGTH = 100;

export type OidcRoutesDeps = {
  readonly config: OidcConfig;
  readonly provider: OidcProvider;
  readonly bus: Pick<AccessBus, 'putOidc' | 'takeOidc'>;
  readonly startSession: StartSession;
  /** URL under which users find the hub; `null`: the one that they asked. */
  readonly publicUrl: URL | null;
  readonly log: Logger;
};

const tag = 'access';
const startRoute = route({
  method: 'get',
  path: '/auth/oidc/start',
  access: PUBLIC,
  summary: 'Start a sign-in at the identity provider',
  tag,
  request: {
    query: z.object({
      return: z
        .string()
        .optional()
        .openapi({ description: 'Path of this hub to open afterwards', example: '/dashboard/' }),
      again: z
        .enum(['true', 'false'])
        .default('false')
        .openapi({ description: 'true: sign in again, although the provider knows the browser' }),
    }),
  },
  responses: { 302: { description: 'Redirects to the identity provider' } },
  errors: {
    429: 'Too many sign-ins from your network. Retry after the seconds in `Retry-After`.',
    502: 'The identity provider is unreachable',
    ...BUS_UNAVAILABLE,
  },
});
const callbackRoute = route({
  method: 'get',
  path: `/${CALLBACK_PATH}`,
  access: { role: null, verb: 'sign_in' },
  summary: 'Finish a sign-in; the identity provider sends the browser here',
  tag,
  request: {
    query: z.object({
      state: z.string().optional(),
      code: z.string().optional(),
      error: z.string().optional(),
    }),
  },
  responses: { 200: textAnswer('Signed in: sets a session cookie and opens the hub', 'text/html') },
  errors: {
    400: 'This browser did not start the sign-in',
    403: 'Refused by the identity provider, or the person is in no group with a role',
    410: 'The sign-in has ended or took too long',
    502: 'The identity provider is unreachable',
    ...BUS_UNAVAILABLE,
  },
});

/** Sign-in at an identity provider. */
export function oidcRoutes({ config, provider, bus, startSession, publicUrl, log }: OidcRoutesDeps): Routes {
  const starts = new RateLimiterMemory(STARTS);

  const fail = (c: Context, status: 400 | 403 | 410 | 502, title: string, detail: string) => {
    noteForAudit(c, { detail });
    const signInPath = new URL('dashboard/sign-in', hubUrl(c, publicUrl)).pathname;
    return notSignedIn(c, status, title, { detail, signInPath });
  };
  const failAtProvider = (c: Context, { type, detail }: OidcFailure) => {
    const level = type === 'refused' ? 'info' : 'warn'; // a refusal concerns one person only
    log[level]({ issuer: config.issuer.href, detail }, 'a sign-in at the identity provider failed');
    return type === 'refused'
      ? fail(c, 403, 'Sign-in refused', detail)
      : fail(c, 502, 'Identity provider unreachable', `${detail} Try again later, or sign in with a token.`);
  };

  /** Takes the sign-in that this browser started, if it started this one and has not ended it. */
  const takeTransaction = async (
    c: Context,
    state: string,
  ): Promise<OidcTransaction | 'foreign' | 'over'> => {
    const started = readCookie(c, STATE_COOKIE);
    if (started === undefined || !isSameText(state, started)) return 'foreign';
    clearCookie(c, STATE_COOKIE);
    return (await bus.takeOidc(hashSecret(state))) ?? 'over';
  };
  const signIn = async (
    c: Context,
    { claims, groups }: OidcIdentity,
    { returnTo, isAgain }: OidcTransaction,
  ) => {
    const subject = subjectOf(claims);
    const role = roleOf(groups, config.roles);
    if (role === null) {
      const detail = `${subject} is in no group that has a role on this hub. An admin can grant one with BOONER_OIDC_ROLES.`;
      return fail(c, 403, 'No role', detail);
    }
    const confirmedAtMs = confirmedAtMsOf(claims);
    if (isAgain && Date.now() - confirmedAtMs >= RECENT_MS) {
      const detail = `The identity provider ${config.issuer.host} did not ask for your credential again (auth_time).`;
      return fail(c, 403, 'Not signed in again', detail);
    }
    const session = await startSession(c, {
      name: subject.slice(0, MAX_NAME_LENGTH).trim(),
      subject,
      role,
      scopes: ALL_SCOPES,
      createdBy: `OIDC ${config.issuer.host}`,
      madeWithoutSignIn: false,
      confirmedAtMs,
      parentId: null,
      lifetimeMs: SESSION_LIFETIME_MS,
      endsByMs: null,
    });
    noteForAudit(c, {
      principal: principalOfCredential(session),
      detail: `at ${config.issuer.host}, as ${role}`,
    });
    return signedInPage(c, new URL(`.${returnTo}`, hubUrl(c, publicUrl)).href);
  };

  return [
    serve(startRoute, async (c, { query }) => {
      const { consumedPoints, msBeforeNext } = await starts.penalty(networkOf(clientAddress(c)));
      if (consumedPoints > STARTS.points) return unidentified(c, { type: 'limited', waitMs: msBeforeNext });
      const state = randomState();
      const started = await provider.start(state, {
        redirectUri: new URL(CALLBACK_PATH, hubUrl(c, publicUrl)).href,
        returnTo: pathWithin(query.return),
        isAgain: query.again === 'true',
      });
      if (started.type !== 'started') return failAtProvider(c, started);
      await bus.putOidc(hashSecret(state), started.transaction, SIGN_IN_LIFETIME_MS);
      writeCookie(c, STATE_COOKIE, state, SIGN_IN_LIFETIME_MS / 1000);
      return c.redirect(started.url.href);
    }),

    serve(callbackRoute, async (c, { query: { state = '' } }) => {
      const transaction = await takeTransaction(c, state);
      if (transaction === 'foreign') {
        const detail = `This browser did not start this sign-in. Start again at ${hubUrl(c, publicUrl).href}`;
        return fail(c, 400, 'Unknown sign-in', detail);
      }
      if (transaction === 'over') {
        return fail(
          c,
          410,
          'Sign-in expired',
          'This sign-in was already used, or took longer than ten minutes. Start again.',
        );
      }
      const { search } = new URL(c.req.url);
      const ended = await provider.finish(search, state, transaction);
      return ended.type === 'known' ? signIn(c, ended, transaction) : failAtProvider(c, ended);
    }),
  ];
}

/** Compares hashes, so that the time reveals nothing and lengths may differ. */
const isSameText = (a: string, b: string): boolean =>
  timingSafeEqual(Buffer.from(hashSecret(a)), Buffer.from(hashSecret(b)));

/** A path of this hub with query and fragment; `/` for anything that leads to another site. */
export function pathWithin(wanted: string | undefined): string {
  const base = 'http://hub.invalid';
  const url = wanted === undefined || wanted.length > MAX_RETURN_LENGTH ? null : URL.parse(wanted, base);
  if (url === null || url.origin !== base || !wanted?.startsWith('/')) return '/';
  return url.pathname.startsWith('//') ? '/' : `${url.pathname}${url.search}${url.hash}`;
}
