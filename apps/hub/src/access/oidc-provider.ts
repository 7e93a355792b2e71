import type { OidcTransaction } from '@booner/protocol';
import * as client from 'openid-client';
import { isPlainLoopback, type OidcConfig } from '../config/oidc-config.ts';
import { type Claims, groupsOf, hasName } from './oidc-person.ts';

/** Longest wait for each answer of the provider. */
const ANSWER_TIMEOUT_S = 5;
/** What the provider says of itself is asked for again after this long. */
const METADATA_LIFETIME_MS = 3_600_000;

/** What became of asking the provider. Texts are for people, and hold no secret. */
export type OidcFault =
  /** It cannot be reached, does not answer in time, or not as it should. */
  | { readonly type: 'unavailable'; readonly detail: string }
  /** It says no, or says what is not true. */
  | { readonly type: 'refused'; readonly detail: string };

type OidcStart = {
  readonly type: 'started';
  readonly url: URL;
  readonly transaction: OidcTransaction;
};
export type OidcEnd = {
  readonly type: 'known';
  readonly claims: Claims;
  readonly groups: readonly string[];
};

/**
 * The identity provider, asked by the authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0 section 3.1, RFC 7636).
 * What it says of itself is fetched when it is first needed, so that a hub starts without it.
 */
export function createOidcProvider({ issuer, clientId, clientSecret, groupsClaim }: OidcConfig) {
  let known: { readonly fetching: Promise<client.Configuration>; readonly atMs: number } | null = null;

  const configuration = (): Promise<client.Configuration> => {
    if (known !== null && performance.now() - known.atMs < METADATA_LIFETIME_MS) return known.fetching;
    const execute = [client.enableNonRepudiationChecks]; // the signature counts, not only where the token came from
    if (isPlainLoopback(issuer)) execute.push(client.allowInsecureRequests);
    const authentication = clientSecret === null ? client.None() : withSecret(clientSecret.reveal());
    const options = { execute, timeout: ANSWER_TIMEOUT_S };
    const fetching = client.discovery(issuer, clientId, undefined, authentication, options);
    const current = { fetching, atMs: performance.now() };
    known = current;
    fetching.catch(() => {
      if (known === current) known = null; // the next one asks again
    });
    return fetching;
  };

  return {
    /** Where to send the browser, and what to keep until it comes back with the state. */
    start: async (
      state: string,
      { redirectUri, returnTo }: Pick<OidcTransaction, 'redirectUri' | 'returnTo'>,
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
        });
        return {
          type: 'started',
          url,
          transaction: { verifier, nonce, redirectUri, returnTo },
        } satisfies OidcStart;
      } catch (error) {
        return faultOf(error, issuer);
      }
    },
    /** Who the browser that came back is, by what its address says. */
    end: async (query: string, state: string, { verifier, nonce, redirectUri }: OidcTransaction) => {
      try {
        const config = await configuration();
        const address = new URL(redirectUri); // a proxy may have changed the one that the hub was asked by
        address.search = query;
        const tokens = await client.authorizationCodeGrant(config, address, {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined) return { type: 'refused', detail: 'sent no ID token' } satisfies OidcFault;
        const isWhole = groupsOf(claims, groupsClaim) !== null && hasName(claims);
        const more =
          isWhole || config.serverMetadata().userinfo_endpoint === undefined
            ? {}
            : await client.fetchUserInfo(config, tokens.access_token, claims.sub);
        const all = { ...more, ...claims };
        const groups = groupsOf(all, groupsClaim) ?? [];
        return { type: 'known', claims: all, groups } satisfies OidcEnd;
      } catch (error) {
        return faultOf(error, issuer);
      }
    },
  };
}

export type OidcProvider = ReturnType<typeof createOidcProvider>;

/** By the header, which is the default of the standard, or in the body where a provider takes nothing else. */
function withSecret(secret: string): client.ClientAuth {
  const [inHeader, inBody] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)];
  return (server, metadata, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const authenticate = methods.includes('client_secret_basic') ? inHeader : inBody;
    return authenticate(server, metadata, body, headers);
  };
}

/** Some providers tell groups only to who asks for them, and some refuse who asks for what they do not know. */
function scopeOf(config: client.Configuration): string {
  const supported = config.serverMetadata().scopes_supported ?? [];
  return ['openid', 'profile', 'email', ...(supported.includes('groups') ? ['groups'] : [])].join(' ');
}

function faultOf(error: unknown, issuer: URL): OidcFault {
  const where = `The identity provider ${issuer.host}`;
  if (error instanceof client.AuthorizationResponseError) {
    return { type: 'refused', detail: `${where} refused: ${said(error)}.` };
  }
  if (error instanceof client.ResponseBodyError) {
    // A code that was used or has expired is the browser's fault; a client that it does not know is this hub's.
    const type = error.error === 'invalid_grant' ? 'refused' : 'unavailable';
    return { type, detail: `${where} refused this hub's request: ${said(error)}.` };
  }
  if (error instanceof client.ClientError || error instanceof client.WWWAuthenticateChallengeError) {
    const isUntrue = error.code !== undefined && UNTRUE.has(error.code);
    const reason =
      error.code === 'OAUTH_TIMEOUT' ? `did not answer within ${ANSWER_TIMEOUT_S} s` : reasonOf(error);
    return { type: isUntrue ? 'refused' : 'unavailable', detail: `${where}: ${reason}.` };
  }
  if (error instanceof TypeError && error.message === 'fetch failed') {
    return { type: 'unavailable', detail: `${where} cannot be reached: ${reasonOf(error.cause)}.` };
  }
  throw error;
}

/** What came back does not belong to what was asked for, or was not signed by the provider. */
const UNTRUE = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
]);

const MAX_SAID = 200;

/** An error as the provider words it (RFC 6749 section 4.1.2.1), without what would deface a page or a log. */
const said = ({ error, error_description: more }: { error: string; error_description?: string }): string =>
  `${error}${more === undefined ? '' : ` (${more})`}`.replace(/[^\x20-\x7e]/g, ' ').slice(0, MAX_SAID);

/** The message of the innermost error, which says most. What else is in these errors may hold tokens. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason is known';
  if (error.cause instanceof Error) return reasonOf(error.cause);
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof AggregateError) return code ?? 'no address of it answers';
  return error.message === '' ? (code ?? error.name) : error.message;
}
