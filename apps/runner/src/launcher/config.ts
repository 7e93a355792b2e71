import { resolve } from 'node:path';
import {
  type ConfigInput,
  helpText,
  LOG_LEVELS,
  type LogLevel,
  oneOf,
  readConfig,
  text,
} from '@booner/service';
import type { DaemonCommand } from '@booner/service/run-daemon';

export type LauncherConfig = {
  readonly actionsDirectory: string;
  /** Folder of the run directories. */
  readonly runsDirectory: string;
  /** Descriptor of the listening socket that systemd passed on; `null`: none. */
  readonly socketDescriptor: number | null;
  readonly logLevel: LogLevel;
};

/** The first descriptor that systemd passes on; see sd_listen_fds(3). */
const FIRST_DESCRIPTOR = 3;

const path = text({ maxLength: 4096 });

const spec = {
  summary: [
    'booner-launcher [flags]: reads the action files of this host, and starts actions for booner-runner.',
    'systemd starts it, and passes it the socket of booner-launcher.socket',
    '',
    '  --help, --version          print the help or the version',
  ].join('\n'),
  settings: {
    BOONER_ACTIONS_DIR: path({ default: '/etc/booner/actions.d', desc: 'folder of the action files' }),
    BOONER_RUNS_DIR: path({ default: '/run/booner/tasks', desc: 'folder of the run directories' }),
    BOONER_LOG_LEVEL: oneOf(LOG_LEVELS)({ default: 'info', desc: LOG_LEVELS.join(', ') }),
  },
  flags: {
    'actions-dir': 'BOONER_ACTIONS_DIR',
    'runs-dir': 'BOONER_RUNS_DIR',
    'log-level': 'BOONER_LOG_LEVEL',
  },
} as const;

/**
 * Parses the command line and the environment.
 * @param pid of this process, to which systemd addresses the socket
 * @throws ConfigError with all issues at once
 */
export function readLauncherCommand(
  { env, argv }: ConfigInput,
  pid: number = process.pid,
): DaemonCommand<LauncherConfig> {
  if (argv.includes('--version')) return { type: 'version' };
  const config = readConfig(spec, { env, argv });
  if (config === null) return { type: 'help', text: helpText(spec) };
  const isPassed = env.LISTEN_FDS === '1' && env.LISTEN_PID === String(pid);
  return {
    type: 'run',
    config: {
      actionsDirectory: resolve(config.BOONER_ACTIONS_DIR),
      runsDirectory: resolve(config.BOONER_RUNS_DIR),
      socketDescriptor: isPassed ? FIRST_DESCRIPTOR : null,
      logLevel: config.BOONER_LOG_LEVEL,
    },
  };
}
