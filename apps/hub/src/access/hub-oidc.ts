import type { AccessBus } from '@booner/bus';
import type { AuthState } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { OidcConfig } from '../config/oidc-config.ts';
import type { StartSession } from './sessions.ts';

export type HubOidcDeps = {
  readonly config: OidcConfig;
  readonly bus: Pick<AccessBus, 'putOidc' | 'takeOidc'>;
  readonly startSession: StartSession;
  readonly publicUrl: URL | null;
  readonly log: Logger;
};

/** What the sign-in page is told of the identity provider. */
export const oidcSignIn = (config: OidcConfig | null): AuthState['oidc'] =>
  config === null ? null : { label: config.label, path: '/auth/oidc/start' };

/** The routes of the sign-in at an identity provider. Loaded here: a hub without one needs none of that in its memory. */
export async function loadOidcRoutes({ config, ...deps }: HubOidcDeps): Promise<OpenAPIHono> {
  const { createOidcProvider } = await import('./oidc-provider.ts');
  const { oidcRoutes } = await import('./oidc-routes.ts');
  return oidcRoutes({ config, provider: createOidcProvider(config), ...deps });
}
