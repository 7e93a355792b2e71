import { hostIdSetting } from '@booner/bus/host-id-setting';
import { labelsSetting } from '@booner/bus/labels-setting';
import {
  checkRedisArguments,
  checkRedisSettings,
  checkRedisUrl,
  type RedisConfig,
  redisConfigOf,
  redisFlags,
  redisSettings,
} from '@booner/bus/redis/config';
import type { HostId, Labels } from '@booner/protocol';
import {
  DEFAULT_INTERVAL_MS,
  MAX_INTERVAL_MS,
  MAX_LABEL_CHARACTERS,
  MIN_INTERVAL_MS,
} from '@booner/protocol/limits';
import {
  type ConfigInput,
  helpText,
  integer,
  LOG_LEVELS,
  type LogLevel,
  oneOf,
  readConfig,
  text,
} from '@booner/service';
import type { DaemonCommand } from '@booner/service/run-daemon';

type CommonConfig = {
  readonly intervalMs: number;
  /** `null`: its address towards Redis. */
  readonly hostId: HostId | null;
  readonly label: string | null;
  readonly labels: Labels;
  /** Mount point of the host's root, for an agent in a container. */
  readonly hostRoot: string | undefined;
  /** Folder that outlives this process; `null`: there is none. */
  readonly stateDirectory: string | null;
  readonly logLevel: LogLevel;
};

export type AgentConfig = CommonConfig & { readonly redis: RedisConfig };

/** The command line of the agent. */
export type AgentCommand =
  | DaemonCommand<AgentConfig>
  | { readonly type: 'once'; readonly config: CommonConfig };

const spec = {
  summary: [
    'booner-agent [flags]: measures this machine and publishes a sample to Redis at each interval',
    '',
    '  --once                     print one sample as JSON and exit; does not need Redis',
    '  --help, --version          print the help or the version and exit',
  ].join('\n'),
  settings: {
    ...redisSettings,
    BOONER_INTERVAL_MS: integer({ min: MIN_INTERVAL_MS, max: MAX_INTERVAL_MS })({
      default: DEFAULT_INTERVAL_MS,
      desc: `milliseconds between two samples, ${MIN_INTERVAL_MS} to ${MAX_INTERVAL_MS}`,
    }),
    BOONER_HOST_ID: hostIdSetting({
      default: undefined,
      desc: 'name of this host in the fleet; by default its address towards Redis',
    }),
    BOONER_LABEL: text({ maxLength: MAX_LABEL_CHARACTERS })({
      default: undefined,
      desc: `description of the host; at most ${MAX_LABEL_CHARACTERS} characters`,
    }),
    BOONER_LABELS: labelsSetting({
      default: {},
      desc: 'labels of the host for selectors, such as role=db,env=prod',
    }),
    BOONER_HOST_ROOT: text({ maxLength: 4096 })({
      default: undefined,
      desc: "mount point of the host's root, for an agent in a container",
    }),
    BOONER_STATE_DIR: text({ maxLength: 4096 })({
      default: undefined,
      desc: 'folder of this agent alone for its next Redis password; without it the password is not rotated',
    }),
    BOONER_LOG_LEVEL: oneOf(LOG_LEVELS)({ default: 'info', desc: LOG_LEVELS.join(', ') }),
  },
  flags: {
    ...redisFlags,
    'interval-ms': 'BOONER_INTERVAL_MS',
    'host-id': 'BOONER_HOST_ID',
    label: 'BOONER_LABEL',
    labels: 'BOONER_LABELS',
    'host-root': 'BOONER_HOST_ROOT',
    'state-dir': 'BOONER_STATE_DIR',
    'log-level': 'BOONER_LOG_LEVEL',
  },
} as const;

/**
 * Parses the command line and the settings. Only this function reads the environment.
 * @throws ConfigError with all problems at once
 */
export function readAgentCommand({ env, argv }: ConfigInput): AgentCommand {
  // These are actions, not settings, so they have no environment variables.
  const once = argv.includes('--once');
  if (argv.includes('--version')) return { type: 'version' };
  const checks = once
    ? [checkRedisArguments, checkRedisSettings]
    : [checkRedisArguments, checkRedisSettings, checkRedisUrl];
  const settingsArgv = argv.filter((argument) => argument !== '--once');
  const config = readConfig({ ...spec, checks }, { env, argv: settingsArgv });
  if (config === null) return { type: 'help', text: helpText(spec) };
  const common: CommonConfig = {
    intervalMs: config.BOONER_INTERVAL_MS,
    hostId: config.BOONER_HOST_ID ?? null,
    label: config.BOONER_LABEL ?? null,
    labels: config.BOONER_LABELS,
    hostRoot: config.BOONER_HOST_ROOT,
    stateDirectory: config.BOONER_STATE_DIR ?? null,
    logLevel: config.BOONER_LOG_LEVEL,
  };
  const redis = redisConfigOf(config);
  return once || redis === null
    ? { type: 'once', config: common }
    : { type: 'run', config: { ...common, redis } };
}
