import { execFile } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { access, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { newTaskId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { Account } from '../accounts/account.ts';
import type { Confinement } from '../catalogue/confinement.ts';
import { environmentFileOf, environmentText } from './environment-file.ts';
import { findProgram } from './find-program.ts';
import { directLauncher, exitOf, type Launcher, type TaskCommand } from './launcher.ts';
import type { Exit } from './outcome-of-exit.ts';
import { readServiceExit } from './service-exit.ts';
import { serviceProperties } from './service-properties.ts';
import { spawnCommand } from './spawn-command.ts';
import { taskProcesses } from './task-processes.ts';
import { newUnitName, TASKS_SLICE, unitsOf } from './task-unit.ts';

const PATH = '/usr/bin:/bin:/usr/sbin:/sbin';
/** Time limit for systemd to run a service; 50 ms is usual. */
const PROBE_TIMEOUT_MS = 30_000;

type Tools = {
  readonly systemdRun: string;
  readonly setpriv: string;
  readonly systemctl: string;
  /**
   * `--expand-environment=no` from systemd 254 on. Before, `$` is doubled, since systemd replaces
   * `$NAME` in arguments of services.
   */
  readonly isExpansionOff: boolean;
};

export type FoundServiceLauncher =
  | { readonly ok: true; readonly launcher: Launcher }
  | { readonly ok: false; readonly reason: string };

/**
 * Chooses how this process starts tasks: each as a service of systemd, or directly where that is
 * impossible, which it logs.
 */
export async function findLauncher(logger: Pick<Logger, 'info' | 'warn'>): Promise<Launcher> {
  if (!isManagedBySystemd()) return directLauncher;
  if (process.geteuid?.() !== 0) {
    logger.info('tasks run without sandboxes and limits: only root can start them as services of systemd');
    return directLauncher;
  }
  const found = await findServiceLauncher();
  if (found.ok) return found.launcher;
  logger.warn({ reason: found.reason }, 'tasks run without sandboxes and limits');
  return directLauncher;
}

/** See sd_booted(3). */
const isManagedBySystemd = (): boolean => process.platform === 'linux' && existsSync('/run/systemd/system');

/**
 * Tries to run a service. Each task then gets one of its own (systemd.service(5)): a control group
 * that its processes cannot leave by changing their group, session, parent or environment, which
 * survives a stop of the runner, and which systemd confines as the action's file says.
 */
export async function findServiceLauncher(): Promise<FoundServiceLauncher> {
  if (!isManagedBySystemd()) return { ok: false, reason: 'systemd does not manage this host' };
  const [systemdRun, setpriv, systemctl] = await Promise.all(
    ['systemd-run', 'setpriv', 'systemctl'].map((name) => findProgram(name, { path: PATH, cwd: '/' })),
  );
  if (!systemdRun?.ok || !systemctl?.ok) return { ok: false, reason: 'systemd-run was not found' };
  if (!setpriv?.ok) return { ok: false, reason: 'setpriv (util-linux) was not found' };
  let reason = '';
  for (const isExpansionOff of [true, false]) {
    const tools = {
      systemdRun: systemdRun.path,
      setpriv: setpriv.path,
      systemctl: systemctl.path,
      isExpansionOff,
    };
    const [program = '', ...args] = serviceCommand(tools, {
      unit: newUnitName(newTaskId()),
      description: 'Booner checks that it can start tasks',
      properties: serviceProperties(PROBED, null),
      argv: ['true'],
    });
    try {
      await promisify(execFile)(program, args, { timeout: PROBE_TIMEOUT_MS, env: { PATH } });
      return { ok: true, launcher: serviceLauncher(tools) };
    } catch (error) {
      const { stderr = '', message } = error as { stderr?: string; message: string };
      reason = stderr.trim() || message;
    }
  }
  return { ok: false, reason };
}

/** The default of action files. */
const PROBED: Confinement = {
  sandbox: 'standard',
  network: false,
  writablePaths: [],
  memoryMax: null,
  cpuQuota: null,
};

const serviceLauncher = (tools: Tools): Launcher => ({
  confines: true,
  launch: async (task) => {
    const { taskId, command, confinement, directory } = task;
    const { argv, env, switchTo } = command;
    const issue = await findStartIssue(task);
    if (issue !== null) return { ok: false, reason: `cannot start ${argv[0]}: ${issue}` };
    const unit = newUnitName(taskId);
    // Not among the properties, which everyone on the host can read.
    const environmentFile = environmentFileOf(directory);
    await writeFile(environmentFile, environmentText(env), { mode: 0o600, flag: 'wx' });
    const spawned = await spawnCommand({
      argv: serviceCommand(tools, {
        unit,
        // The default is the whole command, which the journal would keep.
        description: `Booner task ${taskId}`,
        properties: [
          ...serviceProperties(confinement, directory),
          `WorkingDirectory=${command.cwd}`,
          `EnvironmentFile=${environmentFile}`,
        ],
        argv: [...becomeCommand(tools, switchTo), ...argv],
      }),
      env: { PATH: env.PATH ?? PATH },
      cwd: '/',
      switchTo: null,
    });
    if (!spawned.ok) {
      await rm(environmentFile, { force: true });
      return spawned;
    }
    const { child } = spawned;
    const exited = exitOf(child).then((exit) => finish(exit, { tools, unit, confinement, environmentFile }));
    return { ok: true, process: { child, processes: taskProcesses(taskId, null), groupId: null, exited } };
  },
  // A service whose launcher died stays in the list of failed ones.
  forget: async (taskId) => {
    await promisify(execFile)(tools.systemctl, ['reset-failed', '--', unitsOf(taskId)]).catch(() => {});
  },
});

/** Finds what would make systemd fail with less than a clear reason. */
async function findStartIssue({ command, confinement }: TaskCommand): Promise<string | null> {
  const { argv, env, cwd } = command;
  if (!(await canAccess(`${cwd}/`, constants.X_OK))) {
    return `its working directory ${cwd} does not exist or cannot be entered`;
  }
  for (const path of confinement.writablePaths) {
    if (!(await canAccess(path, constants.F_OK))) return `its writable path ${path} does not exist`;
  }
  const program = await findProgram(argv[0] ?? '', { path: env.PATH ?? PATH, cwd });
  return program.ok ? null : program.reason;
}

const canAccess = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  );

/**
 * `systemd-run --pipe --wait` passes its standard streams on to the service, and ends after it with
 * its exit code. Only `oneshot` counts a SIGTERM from elsewhere as a failure.
 */
function serviceCommand(
  { systemdRun, isExpansionOff }: Tools,
  {
    unit,
    description,
    properties,
    argv: [program = '', ...args],
  }: {
    readonly unit: string;
    readonly description: string;
    readonly properties: readonly string[];
    readonly argv: readonly string[];
  },
): string[] {
  return [
    ...[systemdRun, '--pipe', '--wait', '--quiet', '--no-ask-password', '--service-type=oneshot'],
    ...(isExpansionOff ? ['--expand-environment=no'] : []),
    ...[`--unit=${unit}`, `--slice=${TASKS_SLICE}`, `--description=${description}`],
    ...properties.map((property) => `--property=${property}`),
    '--',
    program,
    ...(isExpansionOff ? args : args.map((arg) => arg.replaceAll('$', '$$$$'))),
  ];
}

/** Changes the user inside the service. systemd's own `User=` adds the account's other groups. */
const becomeCommand = ({ setpriv }: Tools, account: Account | null): string[] =>
  account === null
    ? []
    : [setpriv, `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', '--'];

async function finish(
  exit: Exit,
  {
    tools: { systemctl },
    unit,
    confinement,
    environmentFile,
  }: { tools: Tools; unit: string; confinement: Confinement; environmentFile: string },
): Promise<Exit> {
  // What is left is removed with the other files of earlier starts.
  await rm(environmentFile, { force: true }).catch(() => {});
  return exit.code === 0
    ? exit
    : readServiceExit(exit, { systemctl, unit, memoryMax: confinement.memoryMax });
}
