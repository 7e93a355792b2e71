import type {
  AuthState,
  CreatedToken,
  LinkAnswer,
  ListedCredential,
  Role,
  Scopes,
  ShownAuditPage,
} from '@booner/protocol';
import type { Rest } from './rest.ts';
import { badAnswer, type RequestOptions } from './task-requests.ts';

export type TokenToCreate = {
  readonly name: string;
  readonly role: Role;
  readonly hosts?: readonly string[] | undefined;
  readonly actions?: readonly string[] | undefined;
  /** Selector of the hosts that it can read, such as `role=db`. Default: all. */
  readonly reads?: string | undefined;
  /** `null`: never. Default: chosen by the hub. */
  readonly expiresInDays?: number | null | undefined;
};

export type LinkToCreate = {
  readonly name?: string | undefined;
  readonly role?: Role | undefined;
  readonly scopes?: Scopes | undefined;
};

export type ReadAuditOptions = RequestOptions & {
  /** `next` of the previous page. */
  readonly before?: string | undefined;
  /** `id` of an entry: only newer ones. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
};

/**
 * Each rejects with `BoonerError`, or with the signal's reason. Managing tokens, links and the log
 * requires the role admin.
 */
export type AccessRequests = {
  readAccess(options?: RequestOptions): Promise<AuthState>;
  /**
   * Signs the browser in, with a cookie that scripts cannot read.
   * @param token a token, or the secret of a sign-in link, which works once
   */
  signIn(token: string, options?: RequestOptions): Promise<AuthState>;
  /**
   * Confirms the session of this browser, after which it may create tokens, links and hosts for 15
   * minutes. The hub refuses these with the problem code `sign_in_again` otherwise.
   * @param token the one that the session was started with
   */
  confirmSession(token: string, options?: RequestOptions): Promise<AuthState>;
  /**
   * Ends the session of this browser. `everywhere`: all sessions of the same person that began the
   * same way.
   */
  signOut(options?: RequestOptions & { readonly everywhere?: boolean | undefined }): Promise<void>;
  listTokens(options?: RequestOptions): Promise<readonly ListedCredential[]>;
  createToken(token: TokenToCreate, options?: RequestOptions): Promise<CreatedToken>;
  /** Revokes a token or a session with everything derived from it. Returns the ids of all. */
  revokeToken(id: string, options?: RequestOptions): Promise<readonly string[]>;
  createSignInLink(link: LinkToCreate, options?: RequestOptions): Promise<LinkAnswer>;
  readAudit(options?: ReadAuditOptions): Promise<ShownAuditPage>;
};

export function createAccessRequests(rest: Rest): AccessRequests {
  return {
    async readAccess({ signal } = {}) {
      return stateOf(await rest({ path: 'auth', signal }));
    },
    async signIn(token, { signal } = {}) {
      return stateOf(await rest({ method: 'POST', path: 'auth/session', body: { token }, signal }));
    },
    async confirmSession(token, { signal } = {}) {
      return stateOf(await rest({ method: 'POST', path: 'auth/session/confirm', body: { token }, signal }));
    },
    async signOut({ everywhere = false, signal } = {}) {
      await rest({ method: 'DELETE', path: everywhere ? 'auth/sessions' : 'auth/session', signal });
    },
    async listTokens({ signal } = {}) {
      const { tokens } = ((await rest({ path: 'tokens', signal })) ?? {}) as { tokens?: ListedCredential[] };
      if (!Array.isArray(tokens)) throw badAnswer();
      return tokens;
    },
    async createToken(token, { signal } = {}) {
      const answer = (await rest({
        method: 'POST',
        path: 'tokens',
        body: token,
        signal,
      })) as CreatedToken | null;
      if (typeof answer?.token !== 'string') throw badAnswer();
      return answer;
    },
    async revokeToken(id, { signal } = {}) {
      const path = `tokens/${encodeURIComponent(id)}`;
      const { revoked } = ((await rest({ method: 'DELETE', path, signal })) ?? {}) as { revoked?: string[] };
      if (!Array.isArray(revoked)) throw badAnswer();
      return revoked;
    },
    async createSignInLink(link, { signal } = {}) {
      const answer = (await rest({
        method: 'POST',
        path: 'auth/links',
        body: link,
        signal,
      })) as LinkAnswer | null;
      if (typeof answer?.url !== 'string') throw badAnswer();
      return answer;
    },
    async readAudit({ signal, ...query } = {}) {
      const answer = (await rest({ path: 'audit', query, signal })) as ShownAuditPage | null;
      if (!Array.isArray(answer?.entries)) throw badAnswer();
      return answer;
    },
  };
}

function stateOf(answer: unknown): AuthState {
  if (typeof (answer as AuthState | null)?.required !== 'boolean') throw badAnswer();
  return answer as AuthState;
}
