import { resolve } from 'node:path';
import { text } from '@booner/service';
import { makeExactValidator } from 'envalid';
import { readTlsPair, type TlsFiles } from '../http/tls.ts';
import { NO_PROXIES, parseTrustedProxies, type TrustedProxies } from '../http/trusted-proxies.ts';

const publicUrl = makeExactValidator<URL>((value) => {
  const url = URL.parse(value);
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.username + url.password + url.search + url.hash !== ''
  ) {
    throw new TypeError('must be a URL such as https://hub.example.org, without a user, query or fragment');
  }
  return url;
});

/** Settings of the way to a hub: its own TLS, trusted proxies, and its public URL. */
export const tlsSettings = {
  BOONER_PUBLIC_URL: publicUrl({
    default: undefined,
    desc: 'URL of the hub for users, such as https://hub.example.org',
  }),
  BOONER_TLS_CERT_FILE: text({ maxLength: 4096 })({
    default: undefined,
    desc: 'TLS certificate with its chain, in PEM; reloaded when it changes',
  }),
  BOONER_TLS_KEY_FILE: text({ maxLength: 4096 })({
    default: undefined,
    desc: 'key of the certificate, in PEM',
  }),
  BOONER_TRUSTED_PROXIES: makeExactValidator<TrustedProxies>(parseTrustedProxies)({
    default: undefined,
    desc: 'addresses and ranges of proxies whose X-Forwarded-... headers count',
  }),
};

/** Flags of {@link tlsSettings}. */
export const tlsFlags = {
  'public-url': 'BOONER_PUBLIC_URL',
  'tls-cert-file': 'BOONER_TLS_CERT_FILE',
  'tls-key-file': 'BOONER_TLS_KEY_FILE',
  'trusted-proxies': 'BOONER_TRUSTED_PROXIES',
} as const;

type TlsValues = {
  readonly BOONER_PUBLIC_URL?: URL;
  readonly BOONER_TLS_CERT_FILE?: string;
  readonly BOONER_TLS_KEY_FILE?: string;
  readonly BOONER_TRUSTED_PROXIES?: TrustedProxies;
};

export type TlsConfig = {
  /** `null`: plain HTTP. */
  readonly tls: TlsFiles | null;
  readonly trustedProxies: TrustedProxies;
  /** URL of the hub for users, which may have a path; `null`: the address that it listens on. */
  readonly publicUrl: URL | null;
};

/** Maps the values of {@link tlsSettings}. */
export const tlsConfigOf = (values: TlsValues): TlsConfig => ({
  tls: tlsFilesOf(values),
  trustedProxies: values.BOONER_TRUSTED_PROXIES ?? NO_PROXIES,
  publicUrl: values.BOONER_PUBLIC_URL ?? null,
});

/** Rejects a certificate without a key or the reverse, unreadable files, and a mismatched pair. */
export function checkTls({ config }: { readonly config: TlsValues }): string | null {
  const { BOONER_TLS_CERT_FILE: certificate, BOONER_TLS_KEY_FILE: key } = config;
  if (certificate === undefined && key === undefined) return null;
  if (key === undefined) return 'BOONER_TLS_KEY_FILE: is required with BOONER_TLS_CERT_FILE';
  if (certificate === undefined) {
    return 'BOONER_TLS_CERT_FILE: is required with BOONER_TLS_KEY_FILE';
  }
  const read = readTlsPair(tlsFilesOf(config)!);
  return 'issue' in read ? read.issue : null;
}

function tlsFilesOf({ BOONER_TLS_CERT_FILE, BOONER_TLS_KEY_FILE }: TlsValues): TlsFiles | null {
  if (BOONER_TLS_CERT_FILE === undefined || BOONER_TLS_KEY_FILE === undefined) return null;
  return { certificateFile: resolve(BOONER_TLS_CERT_FILE), keyFile: resolve(BOONER_TLS_KEY_FILE) };
}
