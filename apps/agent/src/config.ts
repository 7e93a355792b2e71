import { parseArgs } from 'node:util';
import { HOST_ID_RULE, type HostId, parseHostId } from '@booner/protocol/host-id';
import {
  ConfigError,
  type ConfigInput,
  helpText,
  integer,
  LOG_LEVELS,
  type LogLevel,
  oneOf,
  readConfig,
  type Secret,
} from '@booner/service';
import { makeExactValidator } from 'envalid';
import { certificateFile, redisUrl, secretFile } from './redis-settings.ts';

export type RedisConfig = {
  /** May hold a password. */
  readonly url: Secret;
  readonly username: string | undefined;
  readonly password: Secret | undefined;
  /** Certificates of the authority that signed Redis' own, in PEM. */
  readonly ca: string | undefined;
};

type CommonConfig = {
  readonly intervalMs: number;
  /** `null`: to be found out. */
  readonly hostId: HostId | null;
  readonly label: string | null;
  readonly logLevel: LogLevel;
};

export type AgentConfig = CommonConfig & { readonly redis: RedisConfig };

/** What the agent was called for. */
export type AgentCommand =
  | { readonly type: 'help'; readonly text: string }
  | { readonly type: 'version' }
  | { readonly type: 'once'; readonly config: CommonConfig }
  | { readonly type: 'run'; readonly config: AgentConfig };

const LABEL_MAX_LENGTH = 200;
/** A URL with something between a colon and the `@` that ends the credentials. */
const HOLDS_PASSWORD = /^[a-z+]+:\/\/[^@]*:[^@]+@/i;

const hostId = makeExactValidator<HostId>((text) => {
  const id = parseHostId(text);
  if (id === null) throw new TypeError(`must be ${HOST_ID_RULE}, not ${JSON.stringify(text.slice(0, 300))}`);
  return id;
});

const label = makeExactValidator<string>((text) => {
  if (text.length > LABEL_MAX_LENGTH) {
    throw new TypeError(`must have at most ${LABEL_MAX_LENGTH} characters, not ${text.length}`);
  }
  return text;
});

const spec = {
  summary: [
    'booner-agent [flags]: measures this machine and publishes that to Redis, each interval',
    '',
    '  --once                     print one sample as JSON and end; needs no Redis',
    '  --help, --version          print that and end',
  ].join('\n'),
  settings: {
    REDIS_URL: redisUrl({
      default: undefined,
      desc: 'redis://host:port, rediss:// for TLS, redis+sentinel://host,host/master; required',
    }),
    REDIS_USERNAME: makeExactValidator<string>((text) => text)({ default: undefined, desc: 'user at Redis' }),
    REDIS_PASSWORD_FILE: secretFile({ default: undefined, desc: 'file that holds the password' }),
    REDIS_CA_FILE: certificateFile({ default: undefined, desc: 'file with the CA of Redis, in PEM' }),
    BOONER_INTERVAL_MS: integer({ min: 500, max: 3_600_000 })({
      default: 3000,
      desc: 'milliseconds between two samples, 500 to 3600000',
    }),
    BOONER_HOST_ID: hostId({
      default: undefined,
      desc: 'name of this host in the fleet; by default its address towards Redis',
    }),
    BOONER_LABEL: label({
      default: undefined,
      desc: 'what the host is, in your words; at most 200 characters',
    }),
    BOONER_LOG_LEVEL: oneOf(LOG_LEVELS)({ default: 'info', desc: LOG_LEVELS.join(', ') }),
  },
  flags: {
    'redis-url': 'REDIS_URL',
    'redis-username': 'REDIS_USERNAME',
    'redis-password-file': 'REDIS_PASSWORD_FILE',
    'redis-ca-file': 'REDIS_CA_FILE',
    'interval-ms': 'BOONER_INTERVAL_MS',
    'host-id': 'BOONER_HOST_ID',
    label: 'BOONER_LABEL',
    'log-level': 'BOONER_LOG_LEVEL',
  },
} as const;

/**
 * Reads what the agent shall do and how. The one place that reads the environment.
 * @throws ConfigError naming every fault at once
 */
export function readAgentCommand({ env, argv }: ConfigInput): AgentCommand {
  const { settingsArgv, once, version, urlFlag } = readCommandFlags(argv);
  const faults: string[] = [];
  if (urlFlag !== undefined && HOLDS_PASSWORD.test(urlFlag)) {
    faults.push(
      '--redis-url: holds a password, and everybody on this machine can read arguments; ' +
        'put the URL into the environment (REDIS_URL), or the password into a file (REDIS_PASSWORD_FILE)',
    );
  }
  const config = collectFaults(faults, () => readConfig(spec, { env, argv: settingsArgv }));
  if (config === null) return { type: 'help', text: helpText(spec) };
  if (version) return { type: 'version' };
  if (!once && !(urlFlag ?? env.REDIS_URL)) {
    faults.push(
      'REDIS_URL: is missing; it says where the Redis of the hubs is, such as redis://10.0.0.1:6379',
    );
  }
  if (config === undefined || faults.length > 0) throw new ConfigError(faults);

  const common: CommonConfig = {
    intervalMs: config.BOONER_INTERVAL_MS,
    hostId: config.BOONER_HOST_ID ?? null,
    label: config.BOONER_LABEL ?? null,
    logLevel: config.BOONER_LOG_LEVEL,
  };
  if (once) return { type: 'once', config: common };
  return {
    type: 'run',
    config: {
      ...common,
      redis: {
        url: config.REDIS_URL as Secret, // its absence is among the faults above
        username: config.REDIS_USERNAME,
        password: config.REDIS_PASSWORD_FILE,
        ca: config.REDIS_CA_FILE,
      },
    },
  };
}

/** `--once` and `--version` say what to do rather than how, so that no variable stands for them. */
function readCommandFlags(argv: readonly string[]) {
  const { tokens } = parseArgs({
    args: [...argv],
    options: { 'redis-url': { type: 'string' } },
    strict: false,
    tokens: true,
  });
  const urlFlag = tokens.findLast((token) => token.kind === 'option' && token.name === 'redis-url');
  return {
    settingsArgv: argv.filter((argument) => argument !== '--once' && argument !== '--version'),
    once: argv.includes('--once'),
    version: argv.includes('--version'),
    urlFlag: urlFlag?.kind === 'option' ? urlFlag.value : undefined,
  };
}

/** What a step returns, or `undefined` when it found faults. */
function collectFaults<T>(faults: string[], step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    faults.push(...error.faults);
    return undefined;
  }
}
