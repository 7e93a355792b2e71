import { hostIdSetting } from '@booner/bus/host-id-setting';
import {
  checkRedisArguments,
  checkRedisSettings,
  checkRedisUrl,
  type RedisConfig,
  redisConfigOf,
  redisFlags,
  redisSettings,
} from '@booner/bus/redis/config';
import type { HostId } from '@booner/protocol';
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

type CommonConfig = {
  readonly intervalMs: number;
  /** `null`: to be found out. */
  readonly hostId: HostId | null;
  readonly label: string | null;
  /** Where the host's root is mounted, for an agent in a container. */
  readonly hostRoot: string | undefined;
  readonly logLevel: LogLevel;
};

export type AgentConfig = CommonConfig & { readonly redis: RedisConfig };

/** What the agent was called for. */
export type AgentCommand =
  | { readonly type: 'help'; readonly text: string }
  | { readonly type: 'version' }
  | { readonly type: 'once'; readonly config: CommonConfig }
  | { readonly type: 'run'; readonly config: AgentConfig };

const spec = {
  summary: [
    'booner-agent [flags]: measures this machine and publishes that to Redis, each interval',
    '',
    '  --once                     print one sample as JSON and end; needs no Redis',
    '  --help, --version          print that and end',
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
      desc: `what the host is, in your words; at most ${MAX_LABEL_CHARACTERS} characters`,
    }),
    BOONER_HOST_ROOT: text({ maxLength: 4096 })({
      default: undefined,
      desc: "where the host's root is mounted, for an agent in a container",
    }),
    BOONER_LOG_LEVEL: oneOf(LOG_LEVELS)({ default: 'info', desc: LOG_LEVELS.join(', ') }),
  },
  flags: {
    ...redisFlags,
    'interval-ms': 'BOONER_INTERVAL_MS',
    'host-id': 'BOONER_HOST_ID',
    label: 'BOONER_LABEL',
    'host-root': 'BOONER_HOST_ROOT',
    'log-level': 'BOONER_LOG_LEVEL',
  },
} as const;

/**
 * Reads what the agent shall do and how. The one place that reads the environment.
 * @throws ConfigError naming every fault at once
 */
export function readAgentCommand({ env, argv }: ConfigInput): AgentCommand {
  // What to do rather than how: no variable stands for these.
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
    hostRoot: config.BOONER_HOST_ROOT,
    logLevel: config.BOONER_LOG_LEVEL,
  };
  const redis = redisConfigOf(config);
  return once || redis === null
    ? { type: 'once', config: common }
    : { type: 'run', config: { ...common, redis } };
}
