import { secretFile } from '@booner/bus/redis/config';
import { ROLES, type Role } from '@booner/protocol';
import { type Secret, text } from '@booner/service';
import { makeExactValidator } from 'envalid';
import { isLoopback } from '../http/address.ts';

/** A group at the identity provider, or `*` for everyone there, and the role that it grants. */
export type GroupRole = { readonly group: string; readonly role: Role };

const issuer = makeExactValidator<URL>((value) => {
  const url = URL.parse(value);
  if (url === null || url.username + url.password + url.search + url.hash !== '') {
    throw new TypeError(
      'must be the URL of the identity provider, such as https://id.example.org/realms/ops',
    );
  }
  if (url.protocol !== 'https:' && !isPlainLoopback(url)) {
    throw new TypeError('must be an https URL; http is only allowed for a provider on this machine');
  }
  return url;
});

/** Returns true if a URL leads to this machine without TLS. */
export const isPlainLoopback = ({ protocol, hostname }: URL): boolean =>
  protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, ''));

/** Parses `admin=ops-admins,operator=dev,viewer=*`; a role may occur more than once. */
const groupRoles = makeExactValidator<readonly GroupRole[]>((value) =>
  value.split(',').map((entry) => {
    const [, given = '', group = ''] = /^\s*([^=]*?)\s*=\s*(.*?)\s*$/.exec(entry) ?? [];
    const role = ROLES.find((known) => known === given);
    if (role === undefined || group === '') {
      throw new TypeError(
        `must list ROLE=GROUP with roles of ${ROLES.join(', ')}, not ${JSON.stringify(entry.trim())}`,
      );
    }
    return { role, group };
  }),
);

/** Settings of the sign-in at an identity provider. */
export const oidcSettings = {
  BOONER_OIDC_ISSUER: issuer({
    default: undefined,
    desc: 'URL of the identity provider (OpenID Connect) for sign-in',
  }),
  BOONER_OIDC_CLIENT_ID: text({ maxLength: 500 })({
    default: undefined,
    desc: 'client id of this hub at the identity provider',
  }),
  BOONER_OIDC_CLIENT_SECRET_FILE: secretFile({
    default: undefined,
    desc: 'file with the client secret; none for a public client',
  }),
  BOONER_OIDC_ROLES: groupRoles({
    default: undefined,
    desc: 'roles of groups, such as admin=ops-admins,operator=dev; viewer=* for everyone',
  }),
  BOONER_OIDC_GROUPS_CLAIM: text({ maxLength: 200 })({
    default: 'groups',
    desc: 'claim with the groups of a person; a dot leads into an object',
  }),
  BOONER_OIDC_LABEL: text({ maxLength: 60 })({
    default: undefined,
    desc: 'text of the sign-in button; default: the host name of the provider',
  }),
};

/** Flags of {@link oidcSettings}. */
export const oidcFlags = {
  'oidc-issuer': 'BOONER_OIDC_ISSUER',
  'oidc-client-id': 'BOONER_OIDC_CLIENT_ID',
  'oidc-client-secret-file': 'BOONER_OIDC_CLIENT_SECRET_FILE',
  'oidc-roles': 'BOONER_OIDC_ROLES',
  'oidc-groups-claim': 'BOONER_OIDC_GROUPS_CLAIM',
  'oidc-label': 'BOONER_OIDC_LABEL',
} as const;

type OidcValues = {
  readonly BOONER_OIDC_ISSUER?: URL;
  readonly BOONER_OIDC_CLIENT_ID?: string;
  readonly BOONER_OIDC_CLIENT_SECRET_FILE?: Secret;
  readonly BOONER_OIDC_ROLES?: readonly GroupRole[];
  readonly BOONER_OIDC_GROUPS_CLAIM?: string;
  readonly BOONER_OIDC_LABEL?: string;
};

export type OidcConfig = {
  readonly issuer: URL;
  readonly clientId: string;
  /** `null`: a public client, which only uses PKCE. */
  readonly clientSecret: Secret | null;
  readonly roles: readonly GroupRole[];
  readonly groupsClaim: string;
  readonly label: string;
};

/** Maps the values of {@link oidcSettings}; `null`: there is no identity provider. */
export function oidcConfigOf(values: OidcValues): OidcConfig | null {
  const { BOONER_OIDC_ISSUER: provider, BOONER_OIDC_CLIENT_ID: clientId, BOONER_OIDC_ROLES: roles } = values;
  if (provider === undefined || clientId === undefined || roles === undefined) return null;
  return {
    issuer: provider,
    clientId,
    clientSecret: values.BOONER_OIDC_CLIENT_SECRET_FILE ?? null,
    roles,
    groupsClaim: values.BOONER_OIDC_GROUPS_CLAIM ?? 'groups',
    label: values.BOONER_OIDC_LABEL ?? provider.hostname,
  };
}

const REQUIRED = ['BOONER_OIDC_ISSUER', 'BOONER_OIDC_CLIENT_ID', 'BOONER_OIDC_ROLES'] as const;
const REQUIRING = [...REQUIRED, 'BOONER_OIDC_CLIENT_SECRET_FILE', 'BOONER_OIDC_LABEL'];

/** Rejects an incomplete configuration of an identity provider. */
export function checkOidc({ given }: { readonly given: Readonly<Record<string, string>> }): string | null {
  const known = REQUIRING.find((name) => given[name] !== undefined);
  if (known === undefined) return null;
  const missing = REQUIRED.filter((name) => given[name] === undefined);
  return missing.length === 0 ? null : `${missing.join(', ')}: required with ${known}`;
}
