import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { oneOf, text } from '@booner/service';
import type { TrustedProxies } from './http/trusted-proxies.ts';

/** Settings of who may ask a hub. */
export const accessSettings = {
  BOONER_AUTH: oneOf(['auto', 'required'])({
    default: 'auto',
    desc: 'required: everybody has to sign in; auto: unless the hub is for this machine alone',
  }),
  BOONER_STATE_DIR: text({ maxLength: 4096 })({
    default: '/var/lib/booner',
    desc: 'where the first admin token is put when no terminal shows it',
  }),
};

/** Flags of {@link accessSettings}. */
export const accessFlags = { auth: 'BOONER_AUTH', 'state-dir': 'BOONER_STATE_DIR' } as const;

type AccessValues = {
  readonly HOST?: string;
  readonly BOONER_INSECURE?: boolean;
  readonly BOONER_AUTH?: 'auto' | 'required';
  readonly BOONER_STATE_DIR?: string;
  readonly BOONER_PUBLIC_URL?: URL;
  readonly BOONER_TRUSTED_PROXIES?: TrustedProxies;
};

export type AccessConfig = {
  /** Whether everybody has to sign in. */
  readonly authRequired: boolean;
  readonly stateDirectory: string;
};

/** What the values of {@link accessSettings} say. Closed by default: only what others cannot reach is open. */
export const accessConfigOf = (values: AccessValues): AccessConfig => ({
  authRequired: values.BOONER_INSECURE !== true && (values.BOONER_AUTH === 'required' || isReachable(values)),
  stateDirectory: resolve(values.BOONER_STATE_DIR ?? '/var/lib/booner'),
});

/** Refuses to both want and not want authentication. */
export function checkAccess({ config }: { readonly config: AccessValues }): string | null {
  if (config.BOONER_INSECURE !== true || config.BOONER_AUTH !== 'required') return null;
  return 'BOONER_AUTH: is "required", and --insecure (BOONER_INSECURE) says that nobody has to sign in; leave one of them out';
}

/** A proxy before it, or a name that users know, means that others reach even a hub on loopback. */
const isReachable = ({ HOST = '', BOONER_PUBLIC_URL, BOONER_TRUSTED_PROXIES }: AccessValues): boolean =>
  !isLoopback(HOST) || BOONER_PUBLIC_URL !== undefined || BOONER_TRUSTED_PROXIES?.isEmpty === false;

/** 127.0.0.0/8, ::1 and localhost. */
export function isLoopback(host: string): boolean {
  return (isIP(host) === 4 && host.startsWith('127.')) || host === '::1' || host === 'localhost';
}
