import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@booner/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FleetBed, startFleetBed } from './fleet-bed.ts';
import { startTask, untilEnded, untilTarget } from './fleet-state.ts';
import { addAction, installTarget, uninstallTarget } from './install-target.ts';
import { printJournals } from './journals.ts';
import type { Machine } from './machine.ts';
import { securityOf } from './security.ts';
import { differenceOf, readTraces } from './traces.ts';

const deadlineMs = 30_000;
/** A unit of the runner from before there was a launcher. */
const SINGLE_UNIT = `[Service]
Type=notify
ExecStart=/opt/booner/current/bin/node /opt/booner/current/booner-runner.mjs --redis-password-file \${CREDENTIALS_DIRECTORY}/redis-password
EnvironmentFile=/etc/booner/runner.env
LoadCredential=redis-password:/etc/booner/credentials/redis-runner-password
StateDirectory=booner
StateDirectoryMode=0700
RuntimeDirectory=booner/tasks
RuntimeDirectoryMode=0711
RuntimeDirectoryPreserve=restart
Environment=BOONER_RUNS_DIR=/run/booner/tasks
User=root
KillMode=process
TimeoutStopSec=930
Restart=always
[Install]
WantedBy=multi-user.target
`;

let bed: FleetBed;
let target: Machine;
let before: ReadonlyMap<string, string>;

beforeAll(async () => {
  bed = await startFleetBed({ targets: 1 });
  [target] = bed.fleet.targets as [Machine];
  before = await readTraces(target);
  await installTarget(bed.desk, target, 'game server');
  await untilTarget(bed.desk, target.host, 'active');
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await printJournals([target]);
});
afterAll(() => bed?.[Symbol.asyncDispose]());

const start = (action: string, params = {}) => startTask(bed.desk, target.host, action, params);
const run = async (action: string, params = {}) => untilEnded(bed.desk, await start(action, params));
const linesOf = async (id: string): Promise<string[]> => {
  const { lines } = await bed.desk.get<{ lines: { text: string }[] }>(`/tasks/${id}/log?limit=1000`);
  return lines.map(({ text }) => text);
};
/** Runs a script as an action, and returns its lines. */
const outputOf = async (name: string, script: string, more: object = {}): Promise<string[]> => {
  await addAction(target, name, script, more);
  const id = await start(name);
  await untilEnded(bed.desk, id);
  return linesOf(id);
};
const pidOf = async (unit: string) =>
  Number(await target.exec(['systemctl', 'show', '-p', 'MainPID', '--value', unit]));
const isRunning = async (args: string) => (await target.exec(['ps', '-eo', 'args'])).includes(`\n${args}\n`);
const untilRunning = (args: string) =>
  eventually(() => isRunning(args), { deadlineMs, what: `${args} to run` });

describe('the two parts of the runner', () => {
  it('are hardened: the one with the network is no root, and root has no network', async () => {
    const [runner, launcher] = [
      await securityOf(target, 'booner-runner'),
      await securityOf(target, 'booner-launcher'),
    ];
    process.stdout.write(`${runner.line}\n${launcher.line}\n`);
    expect(runner.exposure).toBeLessThanOrEqual(2);
    expect(launcher.exposure).toBeLessThanOrEqual(5);
    const [one, other] = [await pidOf('booner-runner'), await pidOf('booner-launcher')];
    expect(await target.shell(`stat -c %u /proc/${one} /proc/${other}`)).toMatch(/^[1-9]\d+\n0\n$/);
    const cards = await target.shell(`nsenter --target ${other} --net ip -brief link`);
    expect(cards.trim().split('\n')).toEqual([expect.stringMatching(/^lo /)]);
  });

  it('talk over a socket that no other account can reach', async () => {
    expect(await target.shell('stat -c %a /run/booner-launcher')).toBe('700\n');
    const argv = ['curl', '--silent', '--unix-socket', '/run/booner-launcher/socket', 'http://launcher/'];
    const other = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...argv];
    expect((await target.tryExec(other)).code).toBe(7); // curl cannot connect
  });

  it('let a runner that an attacker controls ask systemd for nothing', async () => {
    const pid = await pidOf('booner-runner');
    const uid = (await target.shell(`stat -c %u /proc/${pid}`)).trim();
    const asRunner = ['nsenter', `--target=${pid}`, '--mount', 'setpriv', `--reuid=${uid}`, `--regid=${uid}`];
    const { code, stderr } = await target.tryExec([...asRunner, '--clear-groups', 'systemd-run', 'true']);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/denied|not permitted|authentication|Failed/i);
  });

  it('run a task with its output in order, and log no problem', async () => {
    const lines = await outputOf('count', 'i=0; while [ $i -lt 900 ]; do echo $i; i=$((i+1)); done');
    expect(lines).toEqual(Array.from({ length: 900 }, (_, index) => String(index)));
    for (const name of ['booner-runner', 'booner-launcher']) {
      const { stdout } = await target.tryExec(['journalctl', '-q', '-o', 'cat', '-p', 'warning', '-t', name]);
      expect(stdout).toBe('');
    }
  });

  it.each([
    ['exit-code', 'exit 7', 'exit code 7'],
    ['message', 'echo "no such game" >&2; exit 1', 'no such game'],
    ['sigterm', 'kill -TERM $$', 'killed by SIGTERM'],
    ['sigsegv', 'kill -SEGV $$', 'killed by SIGSEGV'],
  ])('report how a command ended: %s', async (name, script, error) => {
    await addAction(target, name, script);
    expect(await run(name)).toMatchObject({ status: 'failed', error });
  });

  it('show a secret to no account but that of the action', async () => {
    const find =
      'echo "$BOONER_PARAM_KEY" | rev; ' +
      '{ systemctl show "booner-task-*" --all; cat /proc/[0-9]*/cmdline; cat /run/booner/tasks/*; systemctl cat "booner-task-*"; } 2>/dev/null | tr "\\0" "\\n" | grep -c "hunter[2]x" || true';
    await addAction(target, 'secret', find, {
      user: 'nobody',
      parameters: [{ name: 'key', type: 'string', secret: true }],
    });
    const id = await start('secret', { key: 'hunter2x' });
    await untilEnded(bed.desk, id);
    expect(await linesOf(id)).toEqual(['x2retnuh', '0']);
  });
});

describe('the sandbox of an action', () => {
  const ask = 'curl --silent --output /dev/null --max-time 3 http://10.0.0.1:8000/healthz; echo "$?"';

  it('has a network unless it is strict', async () => {
    expect(await outputOf('net-standard', ask)).toEqual(['0']);
    expect(await outputOf('net-named', ask, { sandbox: 'strict', network: true })).toEqual(['0']);
    expect(await outputOf('net-strict', ask, { sandbox: 'strict' })).toEqual(['7']);
  });

  it('has the writable files that the kind allows', async () => {
    await target.shell('mkdir -p /srv/game /srv/other');
    const attempt =
      'for path in /etc /usr /root /run /srv/other /srv/game "$(dirname "$BOONER_RESULT_FILE")"; do touch "$path/x" 2>/dev/null && echo "$path" | sed s,/booner-task.*,,; done; rm -f /etc/x /usr/x /root/x /run/x /srv/*/x; true';
    const none = await outputOf('files-none', attempt, { sandbox: 'none' });
    expect(none).toEqual(['/etc', '/usr', '/root', '/run', '/srv/other', '/srv/game', '/run/booner/tasks']);
    const standard = await outputOf('files-standard', attempt);
    expect(standard).toEqual(['/run', '/srv/other', '/srv/game', '/run/booner/tasks']);
    const strict = await outputOf('files-strict', attempt, {
      sandbox: 'strict',
      writablePaths: ['/srv/game'],
    });
    expect(strict).toEqual(['/srv/game', '/run/booner/tasks']);
  });

  it('cannot ask systemd for a unit outside a strict one', async () => {
    const attempt = 'systemd-run --quiet touch /etc/escaped; echo "$?"; ls /etc/escaped 2>/dev/null; true';
    expect((await outputOf('escape-strict', attempt, { sandbox: 'strict' })).at(-1)).toBe('1');
  });

  it('limits memory and processor time, and says so', async () => {
    // A container of systemd-nspawn has these read-only; systemd looks at them when it starts.
    await target.shell(
      'for group in memory cpu; do mount -o remount,rw,bind /sys/fs/cgroup/$group 2>/dev/null || true; done; systemctl daemon-reexec',
    );
    await addAction(target, 'hungry', 'x=$(tail -c 200000000 /dev/zero | tr "\\000" a); echo "$x" | wc -c', {
      memoryMax: '32M',
    });
    const task = await run('hungry');
    expect(task).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/its memory limit of 32M$/),
    });
    const limits = 'systemctl show "booner-task-*" -p CPUQuotaPerSecUSec -p MemoryMax';
    const shown = await outputOf('limited', limits, { cpuQuota: '50%', memoryMax: '64M' });
    expect(shown).toEqual(
      expect.arrayContaining(['CPUQuotaPerSecUSec=500ms', `MemoryMax=${64 * 1024 ** 2}`]),
    );
  });
});

describe('a task', () => {
  it('is cancelled once all of its processes are gone, even one that left its group', async () => {
    await addAction(target, 'escape', 'setsid env -i sleep 98765 & sleep 98765');
    const id = await start('escape');
    await untilRunning('sleep 98765');
    await bed.desk.post(`/tasks/${id}/cancel`, {});
    expect(await untilEnded(bed.desk, id)).toMatchObject({ status: 'cancelled' });
    expect(await isRunning('sleep 98765')).toBe(false);
  });

  it.each(['booner-runner', 'booner-launcher'])('finishes when %s is restarted', async (unit) => {
    await addAction(target, 'linger', 'echo here; sleep 4');
    const id = await start('linger');
    await untilRunning('sleep 4');
    await target.exec(['systemctl', 'restart', unit], { deadlineMs: 60_000 });
    expect(await untilEnded(bed.desk, id)).toMatchObject({ status: 'completed' });
    expect(await run('linger')).toMatchObject({ status: 'completed' });
  });

  it.each([
    ['runner', ['booner-runner']],
    ['launcher', ['booner-launcher']],
    ['both', ['booner-runner', 'booner-launcher']],
  ])(
    'ends, and never runs twice at a time, when parts are killed: %s',
    { timeout: 300_000 },
    async (name, units) => {
      const [once, again] = [`once-${name}`, `again-${name}`];
      await addAction(target, once, `echo start >>/srv/${once}; exec sleep 87654`);
      await addAction(target, again, `echo start >>/srv/${again}; exec sleep 5`, { idempotent: true });
      const [first, second] = [await start(once), await start(again)];
      await untilRunning('sleep 87654');
      await untilRunning('sleep 5');
      await target.exec(['systemctl', 'kill', '--signal=KILL', '--kill-whom=main', ...units]);
      expect(await untilEnded(bed.desk, first, 120_000)).toMatchObject({
        status: 'failed',
        // The latter on a busy machine, where the runner takes more than 30 s to restart.
        error: expect.stringMatching(/^(runner restarted while the task ran|agent lost)$/),
      });
      expect(await untilEnded(bed.desk, second, 120_000)).toMatchObject({ status: 'completed' });
      expect(await isRunning('sleep 87654')).toBe(false);
      expect(await target.shell(`cat /srv/${once}; echo; cat /srv/${again}`)).toBe('start\n\nstart\nstart\n');
      expect(await target.shell('systemctl is-active booner-runner booner-launcher')).toBe(
        'active\nactive\n',
      );
      expect(await target.shell('systemctl list-units --failed --no-legend "booner-*"')).toBe('');
    },
  );
});

describe('a runner from before there was a launcher', () => {
  it('is upgraded by its own installer, and keeps its identity', async () => {
    const units = join(target.folder, 'etc/systemd/system');
    const unit = await readFile(join(units, 'booner-runner.service'), 'utf8');
    const identity = await target.shell('cat /var/lib/booner-runner/runner.json');
    await target.shell(
      [
        'systemctl stop booner-runner booner-launcher.service booner-launcher.socket',
        'mkdir -p /var/lib/booner && mv /var/lib/booner-runner/* /var/lib/booner/ && chown -R root: /var/lib/booner',
        'rm -rf /var/lib/booner-runner /var/lib/private/booner-runner /etc/systemd/system/booner-launcher.*',
      ].join(' && '),
      { deadlineMs: 60_000 },
    );
    const restart = async (text: string) => {
      await writeFile(join(units, 'booner-runner.service'), text);
      await target.exec(['systemctl', 'daemon-reload']);
      await target.exec(['systemctl', 'restart', 'booner-runner'], { deadlineMs: 60_000 });
    };
    await restart(SINGLE_UNIT);
    await addAction(target, 'after', 'echo here');
    expect(await run('after')).toMatchObject({ status: 'completed' });
    // What an installer does that knows no launcher.
    await restart(unit);
    expect(await run('after')).toMatchObject({ status: 'completed' });
    expect(await target.shell('systemctl is-active booner-runner booner-launcher')).toBe('active\nactive\n');
    expect(await target.shell('cat /var/lib/booner-runner/runner.json')).toBe(identity);
  });

  it('leaves nothing behind once it is uninstalled', async () => {
    await addAction(target, 'left', 'setsid sleep 76543 >/dev/null 2>&1 & echo left');
    await run('left');
    expect(await isRunning('sleep 76543')).toBe(true);
    await target.shell('rm -rf /srv/*');
    await uninstallTarget(target);
    expect(await isRunning('sleep 76543')).toBe(false);
    expect(differenceOf(before, await readTraces(target))).toEqual([]);
  });
});
