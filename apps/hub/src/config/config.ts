import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Retention } from '@booner/bus';
import { hostIdSetting } from '@booner/bus/host-id-setting';
import { labelsSetting } from '@booner/bus/labels-setting';
import {
  checkRedisArguments,
  checkRedisSettings,
  type RedisConfig,
  redisConfigOf,
  redisFlags,
  redisSettings,
} from '@booner/bus/redis/config';
import {
  DEFAULT_INTERVAL_MS,
  type HostId,
  type Labels,
  MAX_INTERVAL_MS,
  MAX_LABEL_CHARACTERS,
  MIN_INTERVAL_MS,
} from '@booner/protocol';
import {
  type ConfigInput,
  helpText,
  integer,
  LOG_LEVELS,
  type LogLevel,
  oneOf,
  onOff,
  readConfig,
  text,
} from '@booner/service';
import { makeExactValidator } from 'envalid';
import type { OriginRules } from '../http/origin-guard.ts';
import {
  type AccessConfig,
  accessConfigOf,
  accessFlags,
  accessSettings,
  checkAccess,
} from './access-config.ts';
import { type AlertsConfig, alertsConfigOf, alertsFlags, alertsSettings } from './alerts-config.ts';
import {
  type ArtefactsConfig,
  artefactsConfigOf,
  artefactsFlags,
  artefactsSettings,
} from './artefacts-config.ts';
import {
  checkEnrolment,
  type EnrolmentConfig,
  enrolmentConfigOf,
  enrolmentFlags,
  enrolmentSettings,
} from './enrolment-config.ts';
import {
  checkHistory,
  type HistoryConfig,
  historyConfigOf,
  historyFlags,
  historySettings,
} from './history-config.ts';
import { checkOidc, type OidcConfig, oidcConfigOf, oidcFlags, oidcSettings } from './oidc-config.ts';
import { ollamaFlags, ollamaSettings } from './ollama-config.ts';
import { packageFlags, packageSettings, packagesDirectoryOf } from './packages-config.ts';
import { DASHBOARD_DIRECTORY, hasDashboard } from './program-files.ts';
import {
  checkRemoteWrite,
  type RemoteWriteConfig,
  remoteWriteConfigOf,
  remoteWriteFlags,
  remoteWriteSettings,
} from './remote-write-config.ts';
import { checkTls, type TlsConfig, tlsConfigOf, tlsFlags, tlsSettings } from './tls-config.ts';

export type HubConfig = TlsConfig &
  AccessConfig &
  EnrolmentConfig & {
    readonly host: string;
    readonly port: number;
    readonly insecure: boolean;
    /** `null`: embedded mode, without Redis. */
    readonly redis: RedisConfig | null;
    readonly intervalMs: number;
    /** Id of this machine among the targets, in embedded mode. */
    readonly hostId: HostId;
    readonly label: string | null;
    readonly labels: Labels;
    /** Action files of this machine in embedded mode; `null`: the examples of the program. */
    readonly actionsDirectory: string | null;
    /** Limits on ended tasks. */
    readonly retention: Retention;
    readonly history: HistoryConfig;
    readonly artefacts: ArtefactsConfig;
    readonly alerts: AlertsConfig;
    /** Limits on external tasks that have not ended. */
    readonly externalTasks: {
      readonly maxOfCredential: number;
      /** Time without a change after which one fails. */
      readonly timeoutMs: number;
    };
    /** Destination of remote write; `null`: metrics are not sent. */
    readonly remoteWrite: RemoteWriteConfig | null;
    /** Folder of the built dashboard, which may not exist. */
    readonly dashboardDirectory: string;
    /** Folder of the packages that hosts install, which may not exist. */
    readonly packagesDirectory: string;
    /** Sign-in at an identity provider; `null`: there is none. */
    readonly oidc: OidcConfig | null;
    /** The Ollama server whose models are listed; `null`: there is none. */
    readonly ollamaUrl: URL | null;
    readonly access: OriginRules;
    readonly maxConnections: number;
    readonly maxConnectionsPerAddress: number;
    /** Open WebSockets that one token or person may have. */
    readonly maxStreamsPerCredential: number;
    readonly logLevel: LogLevel;
    /** True if a person started this hub with `npm start` or `npm run dev`. */
    readonly isNpmScript: boolean;
  };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const origins = makeExactValidator<string[]>((value) =>
  value.split(',').map((entry) => {
    const origin = entry.trim();
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new TypeError(
        `must list origins such as https://status.example.org, not ${JSON.stringify(origin)}`,
      );
    }
    return origin;
  }),
);

const spec = {
  summary:
    'booner-hub [flags]: collects the metrics of this machine and all agents, and serves them to clients',
  settings: {
    HOST: text({ maxLength: 253 })({ default: '127.0.0.1', desc: 'address to listen on' }),
    PORT: integer({ min: 0, max: 65_535 })({ default: 8000, desc: 'port to listen on; 0 takes a free one' }),
    ...tlsSettings,
    ...accessSettings,
    ...enrolmentSettings,
    ...oidcSettings,
    ...redisSettings,
    BOONER_INTERVAL_MS: integer({ min: MIN_INTERVAL_MS, max: MAX_INTERVAL_MS })({
      default: DEFAULT_INTERVAL_MS,
      desc: 'milliseconds between two status broadcasts',
    }),
    BOONER_HOST_ID: hostIdSetting({
      default: '127.0.0.1' as HostId,
      desc: 'name of this machine among the targets, in embedded mode (without Redis)',
    }),
    BOONER_LABEL: text({ maxLength: MAX_LABEL_CHARACTERS })({
      default: undefined,
      desc: 'description of this machine, in embedded mode',
    }),
    BOONER_LABELS: labelsSetting({
      default: {},
      desc: 'labels of this machine for selectors, in embedded mode, such as role=db,env=prod',
    }),
    BOONER_ACTIONS_DIR: text({ maxLength: 4096 })({
      default: undefined,
      desc: 'action files of this machine, in embedded mode; default: harmless examples',
    }),
    BOONER_MAX_TASKS: integer({ min: 1, max: 100_000 })({
      default: 5000,
      desc: 'number of ended tasks to keep; older ones are deleted with their logs',
    }),
    BOONER_TASK_RETENTION_DAYS: integer({ min: 1, max: 3650 })({
      default: 30,
      desc: 'days to keep an ended task',
    }),
    BOONER_MAX_EXTERNAL_TASKS: integer({ min: 1, max: 10_000 })({
      default: 250,
      desc: 'number of open external tasks that one token may have',
    }),
    BOONER_EXTERNAL_TASK_HOURS: integer({ min: 1, max: 8760 })({
      default: 24,
      desc: 'hours after which an external task fails that nobody updates',
    }),
    BOONER_DASHBOARD_DIR: text({ maxLength: 4096 })({
      default: undefined,
      desc: 'folder of the built dashboard; default: the one of this program',
    }),
    ...historySettings,
    ...artefactsSettings,
    ...alertsSettings,
    ...remoteWriteSettings,
    ...packageSettings,
    ...ollamaSettings,
    BOONER_ALLOWED_ORIGINS: origins({
      default: [],
      desc: 'comma-separated origins of other sites whose pages may use this hub',
    }),
    BOONER_MAX_CONNECTIONS: integer({ min: 1, max: 1_000_000 })({
      default: 20_000,
      desc: 'open connections in total',
    }),
    BOONER_MAX_CONNECTIONS_PER_ADDRESS: integer({ min: 1, max: 1_000_000 })({
      default: 1000,
      desc: 'open connections per client address',
    }),
    BOONER_MAX_STREAMS_PER_CREDENTIAL: integer({ min: 1, max: 1_000_000 })({
      default: 100,
      desc: 'open WebSockets per token or person',
    }),
    BOONER_INSECURE: onOff({
      default: false,
      desc: 'disables sign-in for everyone who can reach this hub',
    }),
    BOONER_LOG_LEVEL: oneOf(LOG_LEVELS)({ default: 'info', desc: LOG_LEVELS.join(', ') }),
  },
  flags: {
    host: 'HOST',
    port: 'PORT',
    ...tlsFlags,
    ...accessFlags,
    ...enrolmentFlags,
    ...oidcFlags,
    ...redisFlags,
    'interval-ms': 'BOONER_INTERVAL_MS',
    'host-id': 'BOONER_HOST_ID',
    label: 'BOONER_LABEL',
    labels: 'BOONER_LABELS',
    'actions-dir': 'BOONER_ACTIONS_DIR',
    'max-tasks': 'BOONER_MAX_TASKS',
    'task-retention-days': 'BOONER_TASK_RETENTION_DAYS',
    'max-external-tasks': 'BOONER_MAX_EXTERNAL_TASKS',
    'external-task-hours': 'BOONER_EXTERNAL_TASK_HOURS',
    'dashboard-dir': 'BOONER_DASHBOARD_DIR',
    ...historyFlags,
    ...artefactsFlags,
    ...alertsFlags,
    ...remoteWriteFlags,
    ...packageFlags,
    ...ollamaFlags,
    'allowed-origins': 'BOONER_ALLOWED_ORIGINS',
    'max-connections': 'BOONER_MAX_CONNECTIONS',
    'max-connections-per-address': 'BOONER_MAX_CONNECTIONS_PER_ADDRESS',
    'max-streams-per-credential': 'BOONER_MAX_STREAMS_PER_CREDENTIAL',
    'log-level': 'BOONER_LOG_LEVEL',
  },
  switches: { insecure: 'BOONER_INSECURE' },
} as const;

/**
 * Reads the hub's settings. The one place that reads the environment.
 * @returns the settings, or the help text if it was requested
 * @throws ConfigError with all issues at once
 */
export function readHubConfig({ env, argv }: ConfigInput): HubConfig | { readonly help: string } {
  const config = readConfig(
    {
      ...spec,
      checks: [
        checkRedisArguments,
        checkRedisSettings,
        checkTls,
        checkAccess,
        checkEnrolment,
        checkOidc,
        checkHistory,
        checkRemoteWrite,
        checkDashboard,
      ],
    },
    { env, argv },
  );
  if (config === null) return { help: helpText(spec) };
  return {
    host: config.HOST,
    port: config.PORT,
    insecure: config.BOONER_INSECURE,
    ...tlsConfigOf(config),
    ...accessConfigOf(config),
    ...enrolmentConfigOf(config),
    oidc: oidcConfigOf(config),
    ollamaUrl: config.BOONER_OLLAMA_URL ?? null,
    redis: redisConfigOf(config),
    intervalMs: config.BOONER_INTERVAL_MS,
    hostId: config.BOONER_HOST_ID,
    label: config.BOONER_LABEL ?? null,
    labels: config.BOONER_LABELS,
    actionsDirectory: config.BOONER_ACTIONS_DIR === undefined ? null : resolve(config.BOONER_ACTIONS_DIR),
    retention: {
      maxEnded: config.BOONER_MAX_TASKS,
      maxAgeMs: config.BOONER_TASK_RETENTION_DAYS * DAY_MS,
    },
    history: historyConfigOf(config, config.BOONER_STATE_DIR),
    artefacts: artefactsConfigOf(config, config.BOONER_STATE_DIR),
    alerts: alertsConfigOf(config, config.BOONER_STATE_DIR),
    externalTasks: {
      maxOfCredential: config.BOONER_MAX_EXTERNAL_TASKS,
      timeoutMs: config.BOONER_EXTERNAL_TASK_HOURS * HOUR_MS,
    },
    remoteWrite: remoteWriteConfigOf(config),
    dashboardDirectory: resolve(config.BOONER_DASHBOARD_DIR ?? DASHBOARD_DIRECTORY),
    packagesDirectory: packagesDirectoryOf(config),
    access: {
      allowedOrigins: config.BOONER_ALLOWED_ORIGINS,
      hostNames: [hostname().toLowerCase(), config.HOST.toLowerCase()],
      publicOrigin: config.BOONER_PUBLIC_URL?.origin ?? null,
    },
    maxConnections: config.BOONER_MAX_CONNECTIONS,
    maxConnectionsPerAddress: config.BOONER_MAX_CONNECTIONS_PER_ADDRESS,
    maxStreamsPerCredential: config.BOONER_MAX_STREAMS_PER_CREDENTIAL,
    logLevel: config.BOONER_LOG_LEVEL,
    // Set by npm: https://docs.npmjs.com/cli/using-npm/scripts#current-lifecycle-event
    isNpmScript: ['start', 'dev'].includes(env.npm_lifecycle_event ?? ''),
  };
}

/** Checks a dashboard folder that was set. The default one may be missing. */
function checkDashboard({ config }: { config: { BOONER_DASHBOARD_DIR?: string } }): string | null {
  const { BOONER_DASHBOARD_DIR: directory } = config;
  if (directory === undefined || hasDashboard(directory)) return null;
  return `BOONER_DASHBOARD_DIR: ${directory} does not contain a built dashboard (no index.html)`;
}
