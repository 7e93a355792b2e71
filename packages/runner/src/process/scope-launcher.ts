import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { newTaskId, type TaskId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { Account } from '../accounts/account.ts';
import { findProgram } from './find-program.ts';
import { type Launcher, startDirectly } from './launcher.ts';
import { newScopeName, TASKS_SLICE } from './task-scope.ts';

const PATH = '/usr/bin:/bin:/usr/sbin:/sbin';
/** For systemd to make a scope and say so; 10 ms is usual. */
const PROBE_TIMEOUT_MS = 10_000;
/**
 * From version 254 on systemd-run can expand `$NAME` in what it is given, and says that it will do so by default one day. Older ones do
 * not know the option, and expand nothing.
 */
const EXPANSION_OFF = [['--expand-environment=no'], []];

type Tools = { readonly systemdRun: string; readonly setpriv: string; readonly options: readonly string[] };

/**
 * Finds out how this process can start tasks. Where it is root and systemd manages the system, each task gets a scope (systemd.scope(5)):
 * a control group that no process of it leaves by changing its group, session, parent or environment, and that a stop of
 * the runner does not touch. Everywhere else, and where that was tried and failed, they are started directly.
 */
export async function findLauncher(logger: Pick<Logger, 'info' | 'warn'>): Promise<Launcher> {
  // sd_booted(3)
  if (process.platform !== 'linux' || !existsSync('/run/systemd/system')) return startDirectly;
  if (process.geteuid?.() !== 0) {
    logger.info('tasks get no scope of systemd, which makes them for root alone');
    return startDirectly;
  }
  const found = await findTools();
  if (!found.ok) {
    logger.warn({ reason: found.reason }, 'tasks get no scope of systemd');
    return startDirectly;
  }
  return scopeLauncher(found.tools);
}

/** `systemd-run --scope` asks systemd to put it into a new scope, then becomes the command: process id, pipes and exit stay those of the child. */
const scopeLauncher =
  (tools: Tools): Launcher =>
  async (taskId, command) => {
    const { argv, env, cwd, switchTo } = command;
    const program = await findProgram(argv[0] ?? '', { path: env.PATH ?? PATH, cwd });
    if (!program.ok) return { ok: false, reason: `cannot start ${argv[0]}: ${program.reason}` };
    const before = [...scopeCommand(tools, taskId), ...becomeCommand(tools, switchTo)];
    return { ok: true, command: { ...command, before, switchTo: null } };
  };

const scopeCommand = ({ systemdRun, options }: Tools, taskId: TaskId): string[] => [
  systemdRun,
  '--scope',
  '--quiet',
  '--collect',
  '--no-ask-password',
  ...options,
  `--unit=${newScopeName(taskId)}`,
  `--slice=${TASKS_SLICE}`,
  // By default the whole command, which is shown to every user of the host.
  `--description=Booner task ${taskId}`,
  '--',
];

/** Only root gets a scope, so that the user changes after that. systemd-run's own `--uid` keeps root's supplementary groups. */
const becomeCommand = ({ setpriv }: Tools, account: Account | null): string[] =>
  account === null
    ? []
    : [setpriv, `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', '--'];

async function findTools(): Promise<
  { readonly ok: true; readonly tools: Tools } | { readonly ok: false; readonly reason: string }
> {
  const [systemdRun, setpriv] = await Promise.all(
    ['systemd-run', 'setpriv'].map((name) => findProgram(name, { path: PATH, cwd: '/' })),
  );
  if (!systemdRun?.ok) return { ok: false, reason: 'there is no systemd-run' };
  if (!setpriv?.ok) return { ok: false, reason: 'there is no setpriv (util-linux)' };
  let reason = '';
  for (const options of EXPANSION_OFF) {
    const tools = { systemdRun: systemdRun.path, setpriv: setpriv.path, options };
    const [program = '', ...args] = scopeCommand(tools, newTaskId());
    try {
      await promisify(execFile)(program, [...args, 'true'], { timeout: PROBE_TIMEOUT_MS, env: { PATH } });
      return { ok: true, tools };
    } catch (error) {
      const { stderr = '', message } = error as { stderr?: string; message: string };
      reason = stderr.trim() || message;
    }
  }
  return { ok: false, reason };
}
