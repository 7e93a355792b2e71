import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { safeText } from '../terminal/safe-text.ts';
import { type Check, fail, ok, type Said, skip, warn } from './check.ts';
import { readEnvFile } from './env-file.ts';
import { MEND_CLOCK } from './hub-http.ts';

const COMMAND_DEADLINE_MS = 5000;
/** EX_CONFIG of sysexits(3), with which daemons end for settings that they cannot use. */
const EXIT_OF_BAD_SETTINGS = '78';
const UNITS = ['booner-hub', 'booner-agent', 'booner-runner'] as const;

/** The machine that is looked at. */
export type Host = {
  /** Where its file system is; `/` but in tests. */
  readonly root: string;
  /** Runs a command; its output, or `null` when it cannot be run or fails without a word. */
  readonly run: (command: string, ...args: readonly string[]) => Promise<string | null>;
};

const execute = promisify(execFile);

export const thisHost: Host = {
  root: '/',
  async run(command, ...args) {
    try {
      return (await execute(command, args, { timeout: COMMAND_DEADLINE_MS })).stdout.trim();
    } catch (error) {
      const said = (error as { stdout?: string }).stdout?.trim() ?? ''; // `is-active` says "failed" and ends with 3
      return said === '' ? null : said;
    }
  },
};

/** What is installed on this machine; none where nothing is. */
export function hostChecks(host: Host): readonly Check[] {
  const units = UNITS.filter((unit) => existsSync(join(host.root, 'etc/systemd/system', `${unit}.service`)));
  const hasFiles = existsSync(join(host.root, 'etc/booner'));
  if (units.length === 0 && !hasFiles) return [];
  return [
    { name: 'host.version', look: async () => checkInstalled(host) },
    { name: 'host.credentials', look: async () => checkCredentials(host) },
    ...units.map(
      (unit): Check => ({ name: `host.${unit.slice('booner-'.length)}`, look: () => checkUnit(host, unit) }),
    ),
    { name: 'host.clock', look: () => checkSynchronised(host) },
  ];
}

function checkInstalled({ root }: Host): Said {
  const current = join(root, 'opt/booner/current');
  if (existsSync(join(current, 'bin/node'))) return ok('the programs are at /opt/booner/current');
  return fail(
    '/opt/booner/current leads nowhere: the programs are gone',
    'run the install line again; `booner target add HOST --replace` prints it',
  );
}

/** Secrets have to be for root alone. */
function checkCredentials({ root }: Host): Said | readonly Said[] {
  const directory = join(root, 'etc/booner/credentials');
  try {
    const names = readdirSync(directory);
    if (names.length === 0) return skip('no credentials are stored here');
    const said = names.flatMap((name) => {
      const { mode, uid, size } = statSync(join(directory, name));
      const path = `/etc/booner/credentials/${name}`;
      if (size === 0)
        return [fail(`${path} is empty`, 'enrol again: `booner target add HOST --replace` prints the line')];
      const isOpen = (mode & 0o077) !== 0 || (root === '/' && uid !== 0);
      return isOpen
        ? [
            fail(
              `others than root may read ${path}`,
              `\`sudo chown root:root ${path} && sudo chmod 600 ${path}\``,
            ),
          ]
        : [];
    });
    return said.length > 0 ? said : ok(`${names.length} credentials are for root alone`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') return skip('only root may look: `sudo booner doctor`');
    return skip(code === 'ENOENT' ? 'no credentials are stored here' : `cannot be read (${code})`);
  }
}

async function checkUnit(host: Host, unit: (typeof UNITS)[number]): Promise<Said> {
  const state = await host.run('systemctl', 'is-active', unit);
  if (state === null) return skip('systemd does not answer');
  if (state === 'active') return ok(`${unit} is active`);
  const taken = unit === 'booner-hub' ? await portHolder(host) : null;
  if (taken !== null)
    return fail(
      `${unit} is ${state}: its port is taken by ${taken}`,
      'end that program, or set another PORT in /etc/booner/hub.env',
    );
  const invocation = await host.run('systemctl', 'show', '-p', 'InvocationID', '--value', unit);
  const last = await host.run(
    'journalctl',
    `_SYSTEMD_UNIT=${unit}.service`, // its own words since its last start, not those of systemd about it
    ...(invocation === null ? [] : [`_SYSTEMD_INVOCATION_ID=${invocation}`]),
    '-p',
    'warning',
    '-n',
    '1',
    '-o',
    'cat',
    '--no-pager',
  );
  const says =
    last === null || last === '' || last.startsWith('-- ')
      ? ''
      : `; it said last: ${safeText(last).slice(0, 200)}`;
  const exit = await host.run('systemctl', 'show', '-p', 'ExecMainStatus', '--value', unit);
  if (state === 'failed' && exit === EXIT_OF_BAD_SETTINGS)
    return fail(
      `${unit} does not start, for a setting is wrong${says}`,
      `mend it in /etc/booner/${unit.slice('booner-'.length)}.env, or the file that it names, then \`sudo systemctl restart ${unit}\``,
    );
  return fail(
    `${unit} is ${state}${says}`,
    `\`sudo systemctl restart ${unit}\`, then \`journalctl -u ${unit} -n 20\``,
  );
}

/** Who listens on the hub's port though the hub does not run, as ss(8) names it. */
async function portHolder(host: Host): Promise<string | null> {
  const settings = readEnvFile(join(host.root, 'etc/booner/hub.env'));
  const port = Number((settings.type === 'read' ? settings.values.PORT : undefined) ?? 8000);
  const said = await host.run('ss', '-Hltnp', `sport = :${port}`);
  if (said === null || said === '') return null;
  return safeText(
    /users:\(\("([^"]+)",pid=(\d+)/.exec(said)?.slice(1).join(', process ') ??
      `another program (port ${port})`,
  );
}

async function checkSynchronised(host: Host): Promise<Said> {
  const said = await host.run('timedatectl', 'show', '-p', 'NTPSynchronized', '--value');
  if (said === 'yes') return ok('the clock is kept by a time server');
  if (said === 'no') {
    const can = await host.run('timedatectl', 'show', '-p', 'CanNTP', '--value');
    const mend = can === 'no' ? '`sudo apt-get install systemd-timesyncd` (or chrony)' : MEND_CLOCK;
    return warn('no time server keeps the clock', mend);
  }
  return skip('systemd does not say whether the clock is kept');
}
