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

export type RunnerConfig = {
  readonly redis: RedisConfig;
  /** `null`: to be found out. */
  readonly hostId: HostId | null;
  readonly actionsDirectory: string;
  /** True if the action files are this program's own, whoever owns them. */
  readonly actionsTrusted: boolean;
  /** `below`: a folder where each runner of a clone has one of its own. */
  readonly stateDirectory: string | { readonly below: string };
  /** Folder of the run directories; `null`: in the state directory. */
  readonly runsDirectory: string | null;
  /** Runs at a time. */
  readonly concurrency: number;
  readonly logLevel: LogLevel;
};

/** What the runner was called for. */
export type RunnerCommand =
  | { readonly type: 'help'; readonly text: string }
  | { readonly type: 'version' }
  | { readonly type: 'check'; readonly directory: string; readonly trusted: boolean }
  | { readonly type: 'run'; readonly config: RunnerConfig };

const path = text({ maxLength: 4096 });

/** The clone whose source files these are; `null`: they were bundled, to be installed. */
const CLONE = import.meta.filename.endsWith('.ts') ? resolve(import.meta.dirname, '../../..') : null;
const examplesOf = (clone: string): string => join(clone, 'examples/actions.d');

const specFor = (clone: string | null) =>
  ({
    summary: [
      'booner-runner [flags]: runs tasks on this machine, of the actions that its own files allow',
      '',
      '  check [folder] [flags]     reads the action files of a folder, says what is wrong with them, and ends: 1 when any is refused',
      '  --help, --version          print that and end',
    ].join('\n'),
    settings: {
      ...redisSettings,
      BOONER_HOST_ID: hostIdSetting({
        default: undefined,
        desc: 'name of this host in the fleet, the same as the agent has; by default its address towards Redis',
      }),
      BOONER_ACTIONS_DIR: path({
        default: clone === null ? '/etc/booner/actions.d' : examplesOf(clone),
        desc: 'folder of the action files',
      }),
      BOONER_STATE_DIR: path({
        default: clone === null ? '/var/lib/booner' : undefined,
        desc: `folder of the journal, for one runner${clone === null ? '' : '; default: one below .booner/runner in this clone'}`,
      }),
      BOONER_RUNS_DIR: path({
        default: undefined,
        desc: 'folder of the directories of runs, for one runner; default: runs in the state directory',
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
      concurrency: 'BOONER_CONCURRENCY',
      'log-level': 'BOONER_LOG_LEVEL',
    },
    checks: [checkRedisArguments, checkRedisSettings],
  }) as const;

/**
 * Reads what the runner shall do and how. The one place that reads the environment.
 * @param clone where it finds its defaults; default: this program's own, if it runs from one
 * @throws ConfigError naming every fault at once
 */
export function readRunnerCommand({ env, argv }: ConfigInput, clone: string | null = CLONE): RunnerCommand {
  if (argv.includes('--version')) return { type: 'version' };
  const [word, ...rest] = argv;
  if (word === 'check') return readCheck({ env, argv: rest }, clone);
  const spec = specFor(clone);
  const config = readConfig({ ...spec, checks: [...spec.checks, checkRedisUrl] }, { env, argv });
  if (config === null) return { type: 'help', text: helpText(spec) };
  const redis = redisConfigOf(config);
  if (redis === null) throw new ConfigError(['REDIS_URL: is missing']); // as the check has said before
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
      concurrency: config.BOONER_CONCURRENCY,
      logLevel: config.BOONER_LOG_LEVEL,
    },
  };
}

/** The folder is an argument, or else the one that the runner would read. */
function readCheck({ env, argv }: ConfigInput, clone: string | null): RunnerCommand {
  const spec = specFor(clone);
  const [first] = argv;
  const folder = first === undefined || first.startsWith('-') ? null : first;
  const config = readConfig({ ...spec, checks: [] }, { env, argv: folder === null ? argv : argv.slice(1) });
  if (config === null) return { type: 'help', text: helpText(spec) };
  const directory = resolve(folder ?? config.BOONER_ACTIONS_DIR);
  return { type: 'check', directory, trusted: isOwn(directory, clone) };
}

/** Returns true for the folder of the examples, which are trusted as much as the program that they come with. */
const isOwn = (directory: string, clone: string | null): boolean =>
  clone !== null && resolve(directory) === examplesOf(clone);
