import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { safeText } from '../terminal/safe-text.ts';
import { type Check, type CheckResult, fail, ok, skip, warn } from './check.ts';
import { readEnvFile } from './env-file.ts';
import { CLOCK_HINT } from './hub-http.ts';

const COMMAND_DEADLINE_MS = 5000;
/** EX_CONFIG of sysexits(3): daemons exit with it if a setting is invalid. */
const EX_CONFIG = '78';
const UNITS = ['booner-hub', 'booner-agent', 'booner-runner', 'booner-launcher'] as const;
/** Settings of units that share those of another one. */
const SETTINGS: Readonly<Record<string, string>> = { 'booner-launcher': 'runner' };

/** The machine to check. */
export type Host = {
  /** Root of its file system; `/` except in tests. */
  readonly root: string;
  /** Runs a command. Returns its output, or `null` if it cannot run or fails without output. */
  readonly run: (command: string, ...args: readonly string[]) => Promise<string | null>;
};

const execute = promisify(execFile);

export const thisHost: Host = {
  root: '/',
  async run(command, ...args) {
    try {
      return (await execute(command, args, { timeout: COMMAND_DEADLINE_MS })).stdout.trim();
    } catch (error) {
      // `is-active` prints "failed" and exits with 3.
      const output = (error as { stdout?: string }).stdout?.trim() ?? '';
      return output === '' ? null : output;
    }
  },
};

/** Returns checks for what is installed on this machine. */
export function hostChecks(host: Host): readonly Check[] {
  const units = UNITS.filter((unit) => existsSync(join(host.root, 'etc/systemd/system', `${unit}.service`)));
  const hasFiles = existsSync(join(host.root, 'etc/booner'));
  if (units.length === 0 && !hasFiles) return [];
  return [
    { name: 'host.version', run: async () => checkInstalled(host) },
    { name: 'host.credentials', run: async () => checkCredentials(host) },
    ...units.map(
      (unit): Check => ({ name: `host.${unit.slice('booner-'.length)}`, run: () => checkUnit(host, unit) }),
    ),
    ...(units.includes('booner-runner')
      ? [{ name: 'host.sandbox', run: async () => checkSandbox(units.includes('booner-launcher')) }]
      : []),
    { name: 'host.clock', run: () => checkSynchronized(host) },
  ];
}

function checkInstalled({ root }: Host): CheckResult {
  const current = join(root, 'opt/booner/current');
  if (existsSync(join(current, 'bin/node'))) return ok('the programs are installed in /opt/booner/current');
  return fail(
    'the programs are missing from /opt/booner/current',
    'run the install command again; `booner target add HOST --replace` prints it',
  );
}

/** Checks that only root can read the secrets. */
function checkCredentials({ root }: Host): CheckResult | readonly CheckResult[] {
  const directory = join(root, 'etc/booner/credentials');
  try {
    const names = readdirSync(directory);
    if (names.length === 0) return skip('no credentials are stored here');
    const problems = names.flatMap((name) => {
      const { mode, uid, size } = statSync(join(directory, name));
      const path = `/etc/booner/credentials/${name}`;
      if (size === 0)
        return [
          fail(
            `${path} is empty`,
            'enrol the host again: `booner target add HOST --replace` prints the command',
          ),
        ];
      const isOpen = (mode & 0o077) !== 0 || (root === '/' && uid !== 0);
      return isOpen
        ? [
            fail(
              `users other than root can read ${path}`,
              `run \`sudo chown root:root ${path} && sudo chmod 600 ${path}\``,
            ),
          ]
        : [];
    });
    return problems.length > 0 ? problems : ok(`only root can read the ${names.length} credentials`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') return skip('only root can check this: run `sudo booner doctor`');
    return skip(
      code === 'ENOENT' ? 'no credentials are stored here' : `cannot read /etc/booner/credentials (${code})`,
    );
  }
}

/** Checks that tasks run through the launcher, in sandboxes, and that the runner is not root. */
const checkSandbox = (hasLauncher: boolean): CheckResult =>
  hasLauncher
    ? ok('tasks run in sandboxes, and the runner has no root rights')
    : warn(
        'the runner is root and has the network: booner-launcher is not installed',
        'run the install command again',
      );

async function checkUnit(host: Host, unit: (typeof UNITS)[number]): Promise<CheckResult> {
  const state = await host.run('systemctl', 'is-active', unit);
  if (state === null) return skip('systemd does not respond');
  if (state === 'active') return ok(`${unit} is active`);
  const taken = unit === 'booner-hub' ? await portHolder(host) : null;
  if (taken !== null)
    return fail(
      `${unit} is ${state}: its port is taken by ${taken}`,
      'stop that program, or set another PORT in /etc/booner/hub.env',
    );
  const invocation = await host.run('systemctl', 'show', '-p', 'InvocationID', '--value', unit);
  const last = await host.run(
    'journalctl',
    `_SYSTEMD_UNIT=${unit}.service`, // its own messages since its last start, without those of systemd
    ...(invocation === null ? [] : [`_SYSTEMD_INVOCATION_ID=${invocation}`]),
    '-p',
    'warning',
    '-n',
    '1',
    '-o',
    'cat',
    '--no-pager',
  );
  const lastMessage =
    last === null || last === '' || last.startsWith('-- ')
      ? ''
      : `; last message: ${safeText(last).slice(0, 200)}`;
  const exit = await host.run('systemctl', 'show', '-p', 'ExecMainStatus', '--value', unit);
  if (state === 'failed' && exit === EX_CONFIG)
    return fail(
      `${unit} does not start because a setting is invalid${lastMessage}`,
      `correct it in /etc/booner/${SETTINGS[unit] ?? unit.slice('booner-'.length)}.env or in the file that it names, then run \`sudo systemctl restart ${unit}\``,
    );
  return fail(
    `${unit} is ${state}${lastMessage}`,
    `run \`sudo systemctl restart ${unit}\`, then \`journalctl -u ${unit} -n 20\``,
  );
}

/** Returns the program that uses the port of a stopped hub, as ss(8) names it. */
async function portHolder(host: Host): Promise<string | null> {
  const settings = readEnvFile(join(host.root, 'etc/booner/hub.env'));
  const port = Number((settings.type === 'read' ? settings.values.PORT : undefined) ?? 8000);
  const output = await host.run('ss', '-Hltnp', `sport = :${port}`);
  if (output === null || output === '') return null;
  return safeText(
    /users:\(\("([^"]+)",pid=(\d+)/.exec(output)?.slice(1).join(', process ') ??
      `another program (port ${port})`,
  );
}

async function checkSynchronized(host: Host): Promise<CheckResult> {
  const isSynchronized = await host.run('timedatectl', 'show', '-p', 'NTPSynchronized', '--value');
  if (isSynchronized === 'yes') return ok('the clock is synchronized');
  if (isSynchronized === 'no') {
    const canSynchronize = await host.run('timedatectl', 'show', '-p', 'CanNTP', '--value');
    const hint =
      canSynchronize === 'no'
        ? 'run `sudo apt-get install systemd-timesyncd` (or install chrony)'
        : CLOCK_HINT;
    return warn('the clock is not synchronized', hint);
  }
  return skip('systemd does not report whether the clock is synchronized');
}
