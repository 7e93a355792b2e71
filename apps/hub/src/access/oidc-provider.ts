import type { OidcTransaction } from '@booner/protocol';
import * as client from 'openid-client';
import { isPlainLoopback, type OidcConfig } from '../config/oidc-config.ts';
import { type Claims, groupsOf, hasName } from './oidc-person.ts';

/** Time limit for each response of the provider. */
const ANSWER_TIMEOUT_S = 5;
/** Lifetime of the provider's cached metadata. */
const METADATA_LIFETIME_MS = 3_600_000;

/** A failed sign-in at the provider. `detail` is shown to people and holds no secrets. */
export type OidcFailure =
  /** The provider cannot be reached, is too slow, or answers with an unexpected response. */
  | { readonly type: 'unavailable'; readonly detail: string }
  /** The provider rejected the sign-in, or its response failed a check. */
  | { readonly type: 'refused'; readonly detail: string };

type OidcStart = {
  readonly type: 'started';
  readonly url: URL;
  readonly transaction: OidcTransaction;
};
export type OidcIdentity = {
  readonly type: 'known';
  readonly claims: Claims;
  readonly groups: readonly string[];
};

/**
 * Creates a client of the identity provider: authorization code flow with PKCE, state and nonce
 * (OpenID Connect Core 1.0 section 3.1, RFC 7636). The provider's metadata is fetched when it is
 * first needed, so a hub can start without the provider.
 */
export function createOidcProvider({ issuer, clientId, clientSecret, groupsClaim }: OidcConfig) {
  let known: { readonly fetching: Promise<client.Configuration>; readonly atMs: number } | null = null;

  const configuration = (): Promise<client.Configuration> => {
    if (known !== null && performance.now() - known.atMs < METADATA_LIFETIME_MS) return known.fetching;
    // Checks the token's signature, not only its origin.
    const execute = [client.enableNonRepudiationChecks];
    if (isPlainLoopback(issuer)) execute.push(client.allowInsecureRequests);
    const authentication = clientSecret === null ? client.None() : withSecret(clientSecret.reveal());
    const options = { execute, timeout: ANSWER_TIMEOUT_S };
    const fetching = client.discovery(issuer, clientId, undefined, authentication, options);
    const current = { fetching, atMs: performance.now() };
    known = current;
    fetching.catch(() => {
      if (known === current) known = null; // the next call tries again
    });
    return fetching;
  };

  return {
    /** Returns the URL to send the browser to, and the transaction to keep until it returns. */
    start: async (
      state: string,
      { redirectUri, returnTo, isAgain }: Pick<OidcTransaction, 'redirectUri' | 'returnTo' | 'isAgain'>,
    ) => {
      try {
        const config = await configuration();
        const verifier = client.randomPKCECodeVerifier();
        const nonce = client.randomNonce();
        const url = client.buildAuthorizationUrl(config, {
          redirect_uri: redirectUri,
          scope: scopeOf(config),
          state,
          nonce,
          code_challenge: await client.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          ...(isAgain ? SIGN_IN_AGAIN : {}),
        });
        return {
          type: 'started',
          url,
          transaction: { verifier, nonce, redirectUri, returnTo, isAgain },
        } satisfies OidcStart;
      } catch (error) {
        return failureOf(error, issuer);
      }
    },
    /** Finishes a sign-in with the query of the browser's return. Returns the person's claims. */
    finish: async (query: string, state: string, { verifier, nonce, redirectUri }: OidcTransaction) => {
      try {
        const config = await configuration();
        const address = new URL(redirectUri); // not the request's: a proxy may have changed that one
        address.search = query;
        const tokens = await client.authorizationCodeGrant(config, address, {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined)
          return {
            type: 'refused',
            detail: `The identity provider ${issuer.host} sent no ID token.`,
          } satisfies OidcFailure;
        const isWhole = groupsOf(claims, groupsClaim) !== null && hasName(claims);
        const more =
          isWhole || config.serverMetadata().userinfo_endpoint === undefined
            ? {}
            : await client.fetchUserInfo(config, tokens.access_token, claims.sub);
        const all = { ...more, ...claims };
        const groups = groupsOf(all, groupsClaim) ?? [];
        return { type: 'known', claims: all, groups } satisfies OidcIdentity;
      } catch (error) {
        return failureOf(error, issuer);
      }
    },
  };
}

/**
 * Makes the provider ask for the person's credential although it knows the browser, and tell when
 * that was, as `auth_time` (OpenID Connect Core 1.0 section 3.1.2.1).
 */
const SIGN_IN_AGAIN = { prompt: 'login', max_age: '0' };

export type OidcProvider = ReturnType<typeof createOidcProvider>;

/**
 * Sends the client secret in the header, the default, or in the body if the provider requires it.
 */
function withSecret(secret: string): client.ClientAuth {
  const [inHeader, inBody] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)];
  return (server, metadata, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const authenticate = methods.includes('client_secret_basic') ? inHeader : inBody;
    return authenticate(server, metadata, body, headers);
  };
}

/**
 * Requests `groups` only if the provider lists it: some send groups only on request, others refuse
 * unknown scopes.
 */
function scopeOf(config: client.Configuration): string {
  const supported = config.serverMetadata().scopes_supported ?? [];
  return ['openid', 'profile', 'email', ...(supported.includes('groups') ? ['groups'] : [])].join(' ');
}

function failureOf(error: unknown, issuer: URL): OidcFailure {
  const where = `The identity provider ${issuer.host}`;
  if (error instanceof client.AuthorizationResponseError) {
    return { type: 'refused', detail: `${where} refused: ${messageOf(error)}.` };
  }
  if (error instanceof client.ResponseBodyError) {
    // A used or expired code comes from the browser; other errors mean a wrong configuration here.
    const type = error.error === 'invalid_grant' ? 'refused' : 'unavailable';
    return { type, detail: `${where} refused this hub's request: ${messageOf(error)}.` };
  }
  if (error instanceof client.ClientError || error instanceof client.WWWAuthenticateChallengeError) {
    const isRejected = error.code !== undefined && FAILED_CHECKS.has(error.code);
    const reason =
      error.code === 'OAUTH_TIMEOUT' ? `did not answer within ${ANSWER_TIMEOUT_S} s` : reasonOf(error);
    return { type: isRejected ? 'refused' : 'unavailable', detail: `${where}: ${reason}.` };
  }
  if (error instanceof TypeError && error.cause instanceof Error) {
    return { type: 'unavailable', detail: `${where} cannot be reached: ${reasonOf(error.cause)}.` };
  }
  throw error;
}

/** Errors of responses that do not match the request, or are not signed by the provider. */
const FAILED_CHECKS = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
]);

const MAX_MESSAGE_LENGTH = 200;

/**
 * Returns the provider's error (RFC 6749 section 4.1.2.1) without control characters, cut short.
 */
const messageOf = ({
  error,
  error_description: more,
}: {
  error: string;
  error_description?: string;
}): string =>
  `${error}${more === undefined ? '' : ` (${more})`}`
    .replace(/[^\x20-\x7e]/g, ' ')
    .slice(0, MAX_MESSAGE_LENGTH);

/** Returns the message of the innermost cause. Other parts of these errors may hold tokens. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  if (error.cause instanceof Error) return reasonOf(error.cause);
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof AggregateError) return code ?? 'none of its addresses answers';
  return error.message === '' ? (code ?? error.name) : error.message;
}
