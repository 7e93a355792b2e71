import type { AccessBus } from '@booner/bus';
import type { AuthState } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { OidcConfig } from '../config/oidc-config.ts';
import type { Routes } from '../http/route.ts';
import type { StartSession } from './sessions.ts';

export type LoadOidcDeps = {
  readonly config: OidcConfig;
  readonly bus: Pick<AccessBus, 'putOidc' | 'takeOidc'>;
  readonly startSession: StartSession;
  readonly publicUrl: URL | null;
  readonly log: Logger;
};

/** Describes the identity provider to the sign-in page. */
export const oidcSignIn = (config: OidcConfig | null): AuthState['oidc'] =>
  config === null ? null : { label: config.label, path: '/auth/oidc/start' };

/**
 * Loads the routes of sign-in at an identity provider. A hub without one never loads their code.
 */
export async function loadOidcRoutes({ config, ...deps }: LoadOidcDeps): Promise<Routes> {
  const { createOidcProvider } = await import('./oidc-provider.ts');
  const { oidcRoutes } = await import('./oidc-routes.ts');
  return oidcRoutes({ config, provider: createOidcProvider(config), ...deps });
}
