import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, type RunningProcess, startProcess } from '@booner/testkit';
import { makeControlGroups, removeControlGroups } from './cgroups.ts';
import { type CommandOptions, type CommandResult, outputOf, run, tryRun } from './command.ts';

const BOOT_DEADLINE_MS = 60_000;
const POWER_OFF_DEADLINE_MS = 60_000;
/** Environment of every program on a host, independent of this process's own. */
const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
};
/** Puts itself into the control groups named first, then becomes the command after `--`. */
const ENTER_GROUPS = 'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs"; shift; done; shift; exec "$@"';

/**
 * A host with a systemd of its own as process 1. Disposal ends it at once, as a power cut would.
 */
export type Machine = AsyncDisposable & {
  /** Its address. */
  readonly host: string;
  /** Its root folder, seen from outside. */
  readonly folder: string;
  /** Process id of its systemd, seen from outside; changes with each boot. */
  readonly initPid: number;
  /** Runs a command on it, as root, and returns the output. Throws if its status is not 0. */
  exec(argv: readonly string[], options?: CommandOptions): Promise<string>;
  /** Like `exec`, but accepts any status. */
  tryExec(argv: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Runs a line of a shell on it, as root. */
  shell(line: string, options?: CommandOptions): Promise<string>;
  powerOff(): Promise<void>;
  /** SIGKILL to all of it. */
  cutPower(): Promise<void>;
  /** Starts it again, after `powerOff` or `cutPower`. */
  boot(): Promise<void>;
};

export type BootOptions = {
  readonly host: string;
  /** Contains the system. Used by one host only, which writes to it. */
  readonly folder: string;
  /** Network namespace. */
  readonly namespace: string;
  /** Its network card there, which is up while it has power. */
  readonly card: string;
  /** Name of its control groups. */
  readonly group: string;
};

/** Copies a base system for a host of this name. */
export async function copySystem(base: string, folder: string, hostname: string): Promise<void> {
  await run(['cp', '--archive', '--reflink=auto', '--no-target-directory', base, folder]);
  await writeFile(join(folder, 'etc/hostname'), `${hostname}\n`);
  await writeFile(join(folder, 'etc/hosts'), `127.0.0.1 localhost ${hostname}\n`);
  await writeFile(join(folder, 'etc/machine-id'), `${randomBytes(16).toString('hex')}\n`);
}

/**
 * Boots a host, and waits until its systemd reports that it is up.
 * @throws Error with the failed units and the end of its console
 */
export async function bootMachine(options: BootOptions): Promise<Machine> {
  const { host, folder } = options;
  let { nspawn, initPid, groups } = await boot(options);
  const tryExec = (argv: readonly string[], commandOptions: CommandOptions = {}) =>
    tryRun(['nsenter', '--target', `${initPid}`, '--all', '--wdns=/root', '--', ...argv], {
      ...commandOptions,
      env: { ...ENVIRONMENT, ...commandOptions.env },
    });
  const exec: Machine['exec'] = async (argv, commandOptions) =>
    outputOf(`${host}: ${argv.join(' ')}`, await tryExec(argv, commandOptions));
  const cutPower = async () => {
    await setCard(options, 'down'); // first: a host without power closes no connection
    await removeControlGroups(groups);
    await nspawn.exited;
  };
  return {
    host,
    folder,
    get initPid() {
      return initPid;
    },
    exec,
    tryExec,
    shell: (line, commandOptions) => exec(['sh', '-c', line], commandOptions),
    powerOff: async () => {
      nspawn.kill('SIGTERM'); // which it passes on as an order to power off
      await eventually(() => nspawn.hasExited(), {
        deadlineMs: POWER_OFF_DEADLINE_MS,
        what: `${host} to power off`,
      });
      await setCard(options, 'down');
      await removeControlGroups(groups);
    },
    cutPower,
    boot: async () => {
      ({ nspawn, initPid, groups } = await boot(options));
    },
    [Symbol.asyncDispose]: cutPower,
  };
}

async function boot(options: BootOptions) {
  const { host, folder, namespace, group } = options;
  await setCard(options, 'up');
  const groups = await makeControlGroups(group);
  const nspawn = await startProcess({
    command: 'sh',
    args: [
      // Ends with this process.
      ...['-c', ENTER_GROUPS, 'sh', ...groups, '--', 'setpriv', '--pdeathsig', 'KILL'],
      ...['systemd-nspawn', '--quiet', '--boot', `--directory=${folder}`, `--machine=${group}`],
      ...[`--network-namespace-path=/run/netns/${namespace}`, '--register=no', '--keep-unit'],
      ...['--kill-signal=SIGRTMIN+3', '--console=pipe', '--resolv-conf=off', '--timezone=off'],
    ],
  });
  let state = 'not yet started';
  try {
    const initPid = await eventually(
      async () => {
        if (nspawn.hasExited()) return -1;
        const pid = await findInit(nspawn);
        if (pid === null) return null;
        const asked = await tryRun([
          'nsenter',
          '--target',
          `${pid}`,
          '--all',
          'systemctl',
          'is-system-running',
        ]);
        state = asked.stdout.trim();
        return /^(running|degraded)$/.test(state) ? pid : null;
      },
      { deadlineMs: BOOT_DEADLINE_MS, everyMs: 50, what: `${host} to boot` },
    );
    if (initPid === -1 || state !== 'running') {
      const failed = await tryRun([
        'nsenter',
        '--target',
        `${initPid}`,
        '--all',
        'systemctl',
        '--failed',
        '--plain',
      ]);
      throw new Error(`${host} is ${initPid === -1 ? 'down' : state}: ${failed.stdout}`);
    }
    return { nspawn, initPid, groups };
  } catch (error) {
    await removeControlGroups(groups);
    const console = [...nspawn.lines.stdout, ...nspawn.lines.stderr].slice(-20).join('\n');
    throw new Error(`${host} did not boot (${state}); its console said:\n${console}`, { cause: error });
  }
}

async function setCard({ namespace, card }: BootOptions, state: 'up' | 'down'): Promise<void> {
  await run(['ip', '-n', namespace, 'link', 'set', card, state]);
}

/** The systemd below an nspawn, which has other children first. */
async function findInit({ pid }: RunningProcess): Promise<number | null> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  for (const child of children.match(/\d+/g) ?? []) {
    const name = await readFile(`/proc/${child}/comm`, 'utf8').catch(() => '');
    if (name === 'systemd\n') return Number(child);
  }
  return null;
}
