import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { newTaskId, type TaskId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { Account } from '../accounts/account.ts';
import { findProgram } from './find-program.ts';
import { type Launcher, startDirectly } from './launcher.ts';
import { newScopeName, TASKS_SLICE } from './task-unit.ts';

const PATH = '/usr/bin:/bin:/usr/sbin:/sbin';
/** Time limit for systemd to create a scope; 10 ms is usual. */
const PROBE_TIMEOUT_MS = 10_000;
/**
 * systemd-run 254 and later can expand `$NAME` in arguments, and will do so by default one day.
 * Older versions do not know the option, and expand nothing.
 */
const EXPANSION_OFF = [['--expand-environment=no'], []];

type Tools = { readonly systemdRun: string; readonly setpriv: string; readonly options: readonly string[] };

/**
 * Chooses how this process starts tasks. As root on a system that systemd manages, each task gets a
 * scope (systemd.scope(5)): a control group that its processes cannot leave by changing their
 * group, session, parent or environment, and that survives a stop of the runner. Otherwise, and
 * where a trial scope fails, tasks are started directly.
 */
export async function findLauncher(logger: Pick<Logger, 'info' | 'warn'>): Promise<Launcher> {
  // sd_booted(3)
  if (process.platform !== 'linux' || !existsSync('/run/systemd/system')) return startDirectly;
  if (process.geteuid?.() !== 0) {
    logger.info('tasks run without a systemd scope: only root can create one');
    return startDirectly;
  }
  const found = await findTools();
  if (!found.ok) {
    logger.warn({ reason: found.reason }, 'tasks run without a systemd scope');
    return startDirectly;
  }
  return scopeLauncher(found.tools);
}

/**
 * `systemd-run --scope` asks systemd to move it into a new scope, then becomes the command by exec:
 * process ID, pipes and exit stay those of the child.
 */
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
  // The default is the whole command, which every user of the host can see.
  `--description=Booner task ${taskId}`,
  '--',
];

/**
 * Changes the user after the scope exists, as only root can create one. systemd-run's own `--uid`
 * keeps root's supplementary groups.
 */
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
  if (!systemdRun?.ok) return { ok: false, reason: 'systemd-run was not found' };
  if (!setpriv?.ok) return { ok: false, reason: 'setpriv (util-linux) was not found' };
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
