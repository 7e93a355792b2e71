import { join, resolve } from 'node:path';
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
  ConfigError,
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

export type RunnerConfig = {
  readonly redis: RedisConfig;
  /** `null`: the address of this host towards Redis. */
  readonly hostId: HostId | null;
  readonly actionsDirectory: string;
  /** True if the action files are this program's own: their owners are not checked. */
  readonly actionsTrusted: boolean;
  /** `below`: a folder where each runner of a clone gets its own. */
  readonly stateDirectory: string | { readonly below: string };
  /** Folder of the run directories; `null`: in the state directory. */
  readonly runsDirectory: string | null;
  /** Socket of the launcher, which then runs the actions; `null`: this process runs them. */
  readonly launcherSocket: string | null;
  /** Maximum number of runs at a time. */
  readonly concurrency: number;
  readonly logLevel: LogLevel;
};

/** A parsed command line. */
export type RunnerCommand =
  | DaemonCommand<RunnerConfig>
  | { readonly type: 'check'; readonly directory: string; readonly trusted: boolean };

const path = text({ maxLength: 4096 });

/** The clone that these source files belong to; `null`: they were bundled. */
const CLONE = import.meta.filename.endsWith('.ts') ? resolve(import.meta.dirname, '../../..') : null;
const examplesOf = (clone: string): string => join(clone, 'examples/actions.d');

const specFor = (clone: string | null) =>
  ({
    summary: [
      "booner-runner [flags]: runs the tasks that this host's action files allow",
      '',
      '  check [folder] [flags]     validate the action files of a folder; exits with 1 if any is refused',
      '  --help, --version          print the help or the version',
    ].join('\n'),
    settings: {
      ...redisSettings,
      BOONER_HOST_ID: hostIdSetting({
        default: undefined,
        desc: 'name of this host in the fleet, the same as its agent uses; default: its address towards Redis',
      }),
      BOONER_ACTIONS_DIR: path({
        default: clone === null ? '/etc/booner/actions.d' : examplesOf(clone),
        desc: 'folder of the action files',
      }),
      BOONER_STATE_DIR: path({
        default: clone === null ? '/var/lib/booner' : undefined,
        desc: `folder of the journal, for this runner alone${clone === null ? '' : '; default: a folder in .booner/runner of this clone'}`,
      }),
      BOONER_RUNS_DIR: path({
        default: undefined,
        desc: 'folder of the run directories, for this runner alone; default: runs in the state directory',
      }),
      BOONER_LAUNCHER_SOCKET: path({
        default: undefined,
        desc: 'socket of booner-launcher, which runs the actions; default: this process runs them',
      }),
      BOONER_CONCURRENCY: integer({ min: 1, max: 100 })({ default: 4, desc: 'runs at a time, 1 to 100' }),
      BOONER_LOG_LEVEL: oneOf(LOG_LEVELS)({ default: 'info', desc: LOG_LEVELS.join(', ') }),
    },
    flags: {
      ...redisFlags,
      'host-id': 'BOONER_HOST_ID',
      'actions-dir': 'BOONER_ACTIONS_DIR',
      'state-dir': 'BOONER_STATE_DIR',
      'runs-dir': 'BOONER_RUNS_DIR',
      'launcher-socket': 'BOONER_LAUNCHER_SOCKET',
      concurrency: 'BOONER_CONCURRENCY',
      'log-level': 'BOONER_LOG_LEVEL',
    },
    checks: [checkRedisArguments, checkRedisSettings],
  }) as const;

/**
 * Parses the command line and the environment. The only place that reads the environment.
 * @param clone source of the defaults; default: the clone that this program runs from, if any
 * @throws ConfigError with all issues at once
 */
export function readRunnerCommand({ env, argv }: ConfigInput, clone: string | null = CLONE): RunnerCommand {
  if (argv.includes('--version')) return { type: 'version' };
  const [word, ...rest] = argv;
  if (word === 'check') return readCheck({ env, argv: rest }, clone);
  const spec = specFor(clone);
  const config = readConfig({ ...spec, checks: [...spec.checks, checkRedisUrl] }, { env, argv });
  if (config === null) return { type: 'help', text: helpText(spec) };
  const redis = redisConfigOf(config);
  // Never reached: the check above reports this first.
  if (redis === null) throw new ConfigError(['REDIS_URL: is missing']);
  return {
    type: 'run',
    config: {
      redis,
      hostId: config.BOONER_HOST_ID ?? null,
      actionsDirectory: resolve(config.BOONER_ACTIONS_DIR),
      actionsTrusted: isOwn(config.BOONER_ACTIONS_DIR, clone),
      stateDirectory:
        config.BOONER_STATE_DIR === undefined
          ? { below: join(clone ?? '', '.booner/runner') }
          : resolve(config.BOONER_STATE_DIR),
      runsDirectory: config.BOONER_RUNS_DIR === undefined ? null : resolve(config.BOONER_RUNS_DIR),
      launcherSocket:
        config.BOONER_LAUNCHER_SOCKET === undefined ? null : resolve(config.BOONER_LAUNCHER_SOCKET),
      concurrency: config.BOONER_CONCURRENCY,
      logLevel: config.BOONER_LOG_LEVEL,
    },
  };
}

/** Parses `check`. Its folder defaults to the one that the runner would read. */
function readCheck({ env, argv }: ConfigInput, clone: string | null): RunnerCommand {
  const spec = specFor(clone);
  const [first] = argv;
  const folder = first === undefined || first.startsWith('-') ? null : first;
  const config = readConfig({ ...spec, checks: [] }, { env, argv: folder === null ? argv : argv.slice(1) });
  if (config === null) return { type: 'help', text: helpText(spec) };
  const directory = resolve(folder ?? config.BOONER_ACTIONS_DIR);
  return { type: 'check', directory, trusted: isOwn(directory, clone) };
}

/** Returns true for the folder of the examples, which are trusted like the program itself. */
const isOwn = (directory: string, clone: string | null): boolean =>
  clone !== null && resolve(directory) === examplesOf(clone);
