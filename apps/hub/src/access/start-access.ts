import type { AccessBus } from '@booner/bus';
import type { AuthState, Credential } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { AuditLog } from './audit-log.ts';
import { auditRoutes } from './audit-routes.ts';
import { authRoutes } from './auth-routes.ts';
import { createBeginAuthentication } from './begin-authentication.ts';
import { CredentialBook } from './credential-book.ts';
import { createFailureLimit } from './failure-limit.ts';
import { createIdentify } from './identify.ts';
import { LastUsed } from './last-used.ts';
import { linkRoutes } from './link-routes.ts';
import { isMadeWithoutSignIn } from './principal.ts';
import { requireCredential } from './require-credential.ts';
import { createStartSession } from './sessions.ts';
import { tokenRoutes } from './token-routes.ts';

export type HubAccessDeps = {
  readonly bus: AccessBus;
  readonly isRequired: boolean;
  readonly stateDirectory: string;
  readonly publicUrl: URL | null;
  /** How to sign in with an identity provider; `null`: there is none. */
  readonly oidc: AuthState['oidc'];
  /** Shows a text to the person who started the hub; `null`: nobody watches. */
  readonly show: ((text: string) => void) | null;
  readonly version: string;
  readonly log: Logger;
};

/** Who may do what on a hub: what it serves for that, what decides, and what goes on until the signal of `run` aborts. */
export function createHubAccess({
  bus,
  isRequired,
  stateDirectory,
  publicUrl,
  oidc,
  show,
  version,
  log,
}: HubAccessDeps) {
  const accepts = (credential: Credential) => !isRequired || !isMadeWithoutSignIn(credential);
  const book = new CredentialBook({ bus, accepts, log });
  const audit = new AuditLog({ bus, log });
  const limit = createFailureLimit();
  const lastUsed = new LastUsed({ bus, log });
  const identify = createIdentify({ bus, book, limit });
  const startSession = createStartSession({ bus, book });
  const routes: readonly OpenAPIHono[] = [
    authRoutes({ bus, book, identify, limit, startSession, isRequired, version, oidc, log }),
    linkRoutes({ bus, publicUrl, log }),
    tokenRoutes({ bus, book, lastUsed, log }),
    auditRoutes({ bus, log }),
  ];
  const beginning = isRequired
    ? createBeginAuthentication({
        bus,
        book,
        audit,
        stateDirectory,
        show,
        hasIdentityProvider: oidc !== null,
        log,
      })
    : null;
  return {
    routes,
    book,
    /** Checks that what was made with a credential may still be used. `null`: made where nobody had to sign in. */
    isMakerGood: async (credentialId: string | null): Promise<boolean> =>
      credentialId === null ? !isRequired : book.isGoodNow(credentialId),
    audit,
    startSession,
    authorize: requireCredential({
      isRequired,
      publicOrigin: publicUrl?.origin ?? null,
      identify,
      book,
      limit,
      lastUsed,
      audit,
      log,
    }),
    /** Returns when the hub may listen. @throws StartError when nobody could sign in */
    prepare: async ({ signal }: { readonly signal: AbortSignal }): Promise<void> =>
      beginning?.prepare({ signal }),
    /** @throws StartError when it turns out that nobody can sign in */
    run: async ({ signal }: { readonly signal: AbortSignal }): Promise<void> => {
      await Promise.all([
        beginning?.run({ signal }),
        book.run({ signal }),
        lastUsed.run({ signal }),
        audit.run({ signal }),
      ]);
    },
    [Symbol.dispose]: () => book[Symbol.dispose](),
  };
}
