import type { Credential } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { Context, MiddlewareHandler } from 'hono';
import type { Buses } from '../buses/open-buses.ts';
import type { HubConfig } from '../config/config.ts';
import type { Feature } from '../feature/feature.ts';
import type { SocketOwner } from '../ws/socket-supervisor.ts';
import { AuditFile } from './audit-file.ts';
import { AuditLog } from './audit-log.ts';
import { auditRoutes } from './audit-routes.ts';
import { authRoutes } from './auth-routes.ts';
import { createAuthenticationSetup } from './authentication-setup.ts';
import { CredentialRegistry } from './credential-registry.ts';
import { createFailureLimit } from './failure-limit.ts';
import { createIdentify } from './identify.ts';
import { LastUsed } from './last-used.ts';
import { linkRoutes } from './link-routes.ts';
import { loadOidcRoutes, oidcSignIn } from './load-oidc-routes.ts';
import { ANYBODY, isMadeWithoutSignIn, type Principal, principalOfCredential } from './principal.ts';
import { requireCredential } from './require-credential.ts';
import { createStartSession } from './sessions.ts';
import { createStreamOwner } from './stream-owner.ts';
import { tokenRoutes } from './token-routes.ts';

export type AccessDeps = {
  readonly buses: Pick<Buses, 'access'>;
  readonly config: Pick<
    HubConfig,
    | 'redis'
    | 'authRequired'
    | 'stateDirectory'
    | 'auditFile'
    | 'publicUrl'
    | 'oidc'
    | 'maxStreamsPerCredential'
  >;
  /** Shows a text to the person who started the hub; `null` if there is no terminal. */
  readonly show: ((text: string) => void) | null;
  readonly version: string;
  /** Registers a function to call when files may have been rotated. */
  readonly onRotation: (listener: () => void) => void;
  readonly log: Logger;
};

export type AccessFeature = Feature &
  AsyncDisposable & {
    readonly registry: CredentialRegistry;
    readonly audit: AuditLog;
    /** Passes a request on, or answers it with 401, 403 or 429. */
    readonly authorize: MiddlewareHandler;
    /** Finds the owner of a stream by its upgrade request. */
    readonly streamOwnerOf: (c: Context) => SocketOwner;
    /**
     * Checks that the credential that created something is still active. `null`: it was created
     * while sign-in was not required.
     */
    isCreatorActive(credentialId: string | null): Promise<boolean>;
    /**
     * Returns what the creator of something may do now; `null`: its credential has ended.
     * @param credentialId `null`: it was created while sign-in was not required
     */
    creatorOf(credentialId: string | null): Promise<Principal | null>;
    /**
     * Returns when the hub may listen.
     * @throws StartError if nobody could sign in
     */
    prepare(options: { readonly signal: AbortSignal }): Promise<void>;
  };

/** Returns true if people can become admins at the identity provider, and so need no token. */
const grantsAdmin = (oidc: HubConfig['oidc']): boolean =>
  oidc?.roles.some(({ role }) => role === 'admin') ?? false;

/** Starts access control: credentials, sign-in, the audit log, and the check of each request. */
export async function startAccess({
  buses: { access: bus },
  config,
  show,
  version,
  onRotation,
  log,
}: AccessDeps): Promise<AccessFeature> {
  const { authRequired: isRequired, stateDirectory, auditFile, publicUrl } = config;
  const oidc = oidcSignIn(config.oidc);
  const accepts = (credential: Credential) => !isRequired || !isMadeWithoutSignIn(credential);
  const registry = new CredentialRegistry({ bus, accepts, log });
  const file = auditFile === null ? null : new AuditFile({ path: auditFile, log });
  if (file !== null) {
    file.reopen(); // shows a problem at the start
    onRotation(() => file.reopen());
  }
  const audit = new AuditLog({ bus, file, log });
  const limit = createFailureLimit();
  const lastUsed = new LastUsed({ bus, log });
  const identify = createIdentify({ bus, registry, limit });
  const startSession = createStartSession({ bus, registry });
  const routes = [
    ...authRoutes({
      bus,
      registry,
      identify,
      limit,
      startSession,
      lastUsed,
      isRequired,
      version,
      isEmbedded: config.redis === null,
      oidc,
    }),
    ...linkRoutes({ bus, publicUrl }),
    ...tokenRoutes({ bus, registry, lastUsed, needsAdminToken: isRequired && !grantsAdmin(config.oidc) }),
    ...auditRoutes({ bus }),
  ];
  if (config.oidc !== null)
    routes.push(...(await loadOidcRoutes({ config: config.oidc, bus, startSession, publicUrl, log })));
  const hasIdentityProvider = oidc !== null;
  const setup = isRequired
    ? createAuthenticationSetup({ bus, registry, audit, stateDirectory, show, hasIdentityProvider, log })
    : null;
  const publicOrigin = publicUrl?.origin ?? null;
  const creatorOf = async (credentialId: string | null): Promise<Principal | null> => {
    if (credentialId === null) return isRequired ? null : ANYBODY;
    const credential = (await registry.isActiveNow(credentialId)) ? registry.byId(credentialId) : null;
    return credential === null ? null : principalOfCredential(credential);
  };
  return {
    routes,
    registry,
    audit,
    authorize: requireCredential({ isRequired, publicOrigin, identify, registry, limit, lastUsed, audit }),
    streamOwnerOf: createStreamOwner({ audit, ...config }),
    isCreatorActive: async (credentialId) => (await creatorOf(credentialId)) !== null,
    creatorOf,
    prepare: async ({ signal }) => setup?.prepare({ signal }),
    run: ({ signal }) =>
      Promise.all([
        setup?.run({ signal }),
        registry.run({ signal }),
        lastUsed.run({ signal }),
        audit.run({ signal }),
      ]),
    metrics: file?.metrics ?? [],
    async [Symbol.asyncDispose]() {
      registry[Symbol.dispose]();
      await file?.[Symbol.asyncDispose]();
    },
  };
}
