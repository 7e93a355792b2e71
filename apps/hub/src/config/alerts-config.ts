import { join, resolve } from 'node:path';
import { secretFile } from '@booner/bus/redis/config';
import { type Secret, text } from '@booner/service';
import { makeExactValidator } from 'envalid';
import { stateDirectoryOf } from './program-files.ts';

const watchdogUrl = makeExactValidator<URL>((value) => {
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hash !== '') {
    throw new TypeError('must be a URL such as https://hc-ping.com/4f7a2c10-0d4c-4f0e-9f1e-5f0a8b1f2a33');
  }
  if (url.username + url.password !== '') throw new TypeError('must not contain a user or a password');
  return url;
});

/** Settings of alerts. */
export const alertsSettings = {
  BOONER_ALERT_SECRET_FILE: secretFile({
    default: undefined,
    desc: 'file with the secret that encrypts secrets of channels and hooks, the same on all hubs; default: alert-secret in the state directory, created at the first start',
  }),
  BOONER_ALERT_RULES_DIR: text({ maxLength: 4096 })({
    default: undefined,
    desc: 'folder of alert rules as YAML files, which are read again when they change',
  }),
  BOONER_WATCHDOG_URL: watchdogUrl({
    default: undefined,
    desc: 'URL that is requested each minute while the hubs work, for a service that notices when that ends',
  }),
};

/** Flags of {@link alertsSettings}. */
export const alertsFlags = {
  'alert-secret-file': 'BOONER_ALERT_SECRET_FILE',
  'alert-rules-dir': 'BOONER_ALERT_RULES_DIR',
  'watchdog-url': 'BOONER_WATCHDOG_URL',
} as const;

type AlertsValues = {
  readonly BOONER_ALERT_SECRET_FILE?: Secret;
  readonly BOONER_ALERT_RULES_DIR?: string;
  readonly BOONER_WATCHDOG_URL?: URL;
};

export type AlertsConfig = {
  /** Source of the key that encrypts the secrets of channels and hooks. */
  readonly sealing: {
    /** `null`: `file` holds it. */
    readonly secret: Secret | null;
    /** Created with a new secret if it does not exist. */
    readonly file: string;
  };
  /** Folder of rules as files, which may not exist yet; `null`: there is none. */
  readonly rulesDirectory: string | null;
  /** `null`: no request is made. */
  readonly watchdogUrl: URL | null;
};

/**
 * Maps the values of {@link alertsSettings}.
 * @param stateDirectory the state directory that was set, if it was
 */
export const alertsConfigOf = (values: AlertsValues, stateDirectory: string | undefined): AlertsConfig => ({
  sealing: {
    secret: values.BOONER_ALERT_SECRET_FILE ?? null,
    file: join(stateDirectoryOf(stateDirectory), 'alert-secret'),
  },
  rulesDirectory: values.BOONER_ALERT_RULES_DIR === undefined ? null : resolve(values.BOONER_ALERT_RULES_DIR),
  watchdogUrl: values.BOONER_WATCHDOG_URL ?? null,
});
