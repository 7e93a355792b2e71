import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type JWK, Provider } from 'oidc-provider';

/** The provider's claims about people, by the name they sign in with. */
type People = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export const CLIENT_ID = 'booner';

/** A real OpenID provider on loopback. */
export type IdentityProvider = AsyncDisposable & {
  readonly issuer: string;
  readonly clientSecret: string;
  /**
   * `hanging`: accepts requests and never answers; `forging`: signs with other keys than it
   * publishes; `down`: does not listen.
   */
  become(state: 'up' | 'hanging' | 'forging' | 'down'): Promise<void>;
  /** Registers the redirect URIs of these hubs. */
  serve(redirectUris: readonly string[]): void;
};

const makeKeys = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEY_NAMES = { kid: 'key-1', use: 'sig', alg: 'RS256' };
const SIGNING_KEY = { ...makeKeys().privateKey.export({ format: 'jwk' }), ...KEY_NAMES } as JWK;
const OTHER_KEYS = { keys: [{ ...makeKeys().publicKey.export({ format: 'jwk' }), ...KEY_NAMES }] };

type StartOptions = {
  readonly people: People;
  /** Puts names and groups into the ID token, so that the hub need not request them. */
  readonly claimsInToken?: boolean;
  /** Its name; default: an address. For a browser `localhost` and 127.0.0.1 are two sites. */
  readonly name?: '127.0.0.1' | 'localhost';
};

/**
 * Starts a provider. Its sign-in page has a link for each person: `?as=NAME` signs in at once;
 * `?deny` refuses.
 */
export async function startIdentityProvider({
  people,
  claimsInToken = false,
  name = '127.0.0.1',
}: StartOptions): Promise<IdentityProvider> {
  const clientSecret = randomBytes(24).toString('base64url');
  let state: Parameters<IdentityProvider['become']>[0] = 'up';
  let handle: (request: IncomingMessage, response: ServerResponse) => unknown = (_, response) =>
    response.end();
  const server = createServer((request, response) => {
    if (state === 'hanging') return;
    if (state === 'forging' && request.url === '/jwks') return void response.end(JSON.stringify(OTHER_KEYS));
    handle(request, response);
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const close = async () => {
    server.closeAllConnections();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const issuer = `http://${name}:${port}`;

  return {
    issuer,
    clientSecret,
    async become(next) {
      await close();
      state = next;
      if (next !== 'down') await listen(port);
    },
    serve(redirectUris) {
      const provider = new Provider(issuer, {
        clients: [
          {
            client_id: CLIENT_ID,
            client_secret: clientSecret,
            redirect_uris: [...redirectUris],
            grant_types: ['authorization_code'],
            response_types: ['code'],
          },
        ],
        jwks: { keys: [SIGNING_KEY] },
        cookies: { keys: [randomBytes(16).toString('hex')] },
        claims: {
          openid: ['sub'],
          email: ['email', 'email_verified'],
          profile: ['preferred_username'],
          groups: ['groups'],
        },
        conformIdTokenClaims: !claimsInToken,
        features: { devInteractions: { enabled: false } },
        ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
        pkce: { required: () => true },
        interactions: { url: (_, { uid }) => `/interaction/${uid}` },
        findAccount: (_, name) => ({ accountId: name, claims: () => ({ sub: name, ...people[name] }) }),
        loadExistingGrant: async ({ oidc }) => {
          const grant = new oidc.provider.Grant({
            clientId: oidc.client?.clientId,
            accountId: oidc.session?.accountId,
          });
          grant.addOIDCScope('openid profile email groups');
          await grant.save();
          return grant;
        },
      });
      const answer = provider.callback();
      handle = (request, response) => {
        const { pathname, searchParams } = new URL(request.url ?? '/', issuer);
        if (!pathname.startsWith('/interaction/')) return answer(request, response);
        if (searchParams.size === 0) {
          response.setHeader('content-type', 'text/html');
          const links = Object.keys(people).map((person) => `<a href="?as=${person}">${person}</a>`);
          return void response.end(`<!doctype html><title>Sign in</title>${links.join(' ')}`);
        }
        const result = searchParams.has('deny')
          ? { error: 'access_denied', error_description: 'does not want to' }
          : { login: { accountId: searchParams.get('as') ?? '' } };
        return provider.interactionFinished(request, response, result);
      };
    },
    [Symbol.asyncDispose]: close,
  };
}
