import { eventually } from '@booner/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FleetBed, packagesOfRun, startFleetBed } from './fleet-bed.ts';
import { readTarget, startTask, untilEnded, untilTarget } from './fleet-state.ts';
import { offerPackages, uninstallHub, upgradeHub } from './install-hub.ts';
import { addAction, installTarget, stealLogin, uninstallTarget } from './install-target.ts';
import { printJournals } from './journals.ts';
import type { Machine } from './machine.ts';
import { securityOf } from './security.ts';
import { carriedOut } from './stolen-key.ts';
import { differenceOf, readTraces } from './traces.ts';
import { booner, versionIn } from './upgrade.ts';

/** WatchdogSec=30, and the time to start again. */
const WATCHDOG_DEADLINE_MS = 60_000;
/** Limit of the exposure of what has a network, by `systemd-analyze security`. */
const MOST_EXPOSED = 2;

let bed: FleetBed;
let first: Machine;
let second: Machine;
let third: Machine;
const before = new Map<Machine, ReadonlyMap<string, string>>();

beforeAll(async () => {
  bed = await startFleetBed({ targets: 3 });
  [first, second, third] = bed.fleet.targets as [Machine, Machine, Machine];
  for (const target of bed.fleet.targets) before.set(target, await readTraces(target));
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await printJournals([bed.fleet.hub, ...bed.fleet.targets]);
});
afterAll(() => bed?.[Symbol.asyncDispose]());

describe('a hub and three hosts', () => {
  it("are installed by the hub's install lines", async () => {
    const labels = bed.fleet.targets.map((target) =>
      installTarget(bed.desk, target, `server ${target.host}`),
    );
    process.stdout.write((await Promise.all(labels))[0]!);
  });

  it('are all active', async () => {
    for (const { host } of bed.fleet.targets) await untilTarget(bed.desk, host, 'active');
    const { deployment_targets: shown } = await bed.desk.get<{ deployment_targets: object[] }>(
      '/system/status',
    );
    expect(shown).toMatchObject(
      bed.fleet.targets.map(({ host }) => ({ host, status: 'active', specs: `server ${host}` })),
    );
  });

  it('run a task each', async () => {
    for (const target of bed.fleet.targets) {
      await addAction(target, 'greet', 'printf \'{"host":"%s"}\' "$(hostname)" > "$BOONER_RESULT_FILE"');
    }
    const ids = bed.fleet.targets.map(({ host }) => startTask(bed.desk, host, 'greet'));
    const ended = await Promise.all(ids.map(async (id) => untilEnded(bed.desk, await id)));
    expect(ended.map(({ status, result }) => ({ status, result }))).toEqual(
      ['target2', 'target3', 'target4'].map((host) => ({ status: 'completed', result: { host } })),
    );
  });

  it('run units that are hardened', async () => {
    const [agent, runner] = [
      await securityOf(first, 'booner-agent'),
      await securityOf(first, 'booner-runner'),
    ];
    const hub = await securityOf(bed.fleet.hub, 'booner-hub');
    process.stdout.write([agent, runner, hub].map(({ line }) => `${line}\n`).join(''));
    expect(agent.exposure).toBeLessThanOrEqual(MOST_EXPOSED);
    expect(runner.exposure).toBeLessThanOrEqual(MOST_EXPOSED);
    expect(hub.exposure).toBeLessThanOrEqual(MOST_EXPOSED);
  });

  it('end every process of a cancelled task, even one that left its process group', async () => {
    await addAction(first, 'escape', 'setsid env -i sleep 98765 & echo away; sleep 98765');
    const isAway = async () => /sleep 98765/.test(await first.exec(['ps', '-eo', 'args']));
    const id = await startTask(bed.desk, first.host, 'escape');
    await eventually(isAway, { what: 'the escape' });
    await bed.desk.post(`/tasks/${id}/cancel`, {});
    expect(await untilEnded(bed.desk, id)).toMatchObject({ status: 'cancelled' });
    expect(await isAway()).toBe(false);
  });

  it('let a task finish, if its action allows, when the runner is restarted', async () => {
    await addAction(first, 'linger', 'echo here; sleep 3');
    const id = await startTask(bed.desk, first.host, 'linger');
    await eventually(async () => /sleep 3/.test(await first.exec(['ps', '-eo', 'args'])), {
      what: 'the task to run',
    });
    await first.exec(['systemctl', 'restart', 'booner-runner']);
    expect(await untilEnded(bed.desk, id)).toMatchObject({ status: 'completed' });
  });

  it('restart an agent by systemd after SIGKILL', async () => {
    await untilAnotherInstance(first, () =>
      first.exec(['systemctl', 'kill', '--signal=KILL', 'booner-agent']),
    );
  });

  it('restart a hanging agent by the watchdog', async () => {
    await untilAnotherInstance(second, async () => {
      await second.exec(['systemctl', 'kill', '--kill-whom=main', '--signal=STOP', 'booner-agent']);
      await untilTarget(bed.desk, second.host, 'offline');
    });
    expect(await second.exec(['journalctl', '--unit=booner-agent', '--grep=[Ww]atchdog'])).toMatch(/timeout/);
  });

  it('are offline at once when they reboot, and active again afterwards', async () => {
    await first.powerOff();
    await untilTarget(bed.desk, first.host, 'offline', 3000);
    await first.boot();
    await untilTarget(bed.desk, first.host, 'active');
    expect(await untilEnded(bed.desk, await startTask(bed.desk, first.host, 'greet'))).toMatchObject({
      status: 'completed',
    });
  });

  it('restart after a power cut', async () => {
    await second.cutPower();
    await untilTarget(bed.desk, second.host, 'offline');
    await second.boot();
    await untilTarget(bed.desk, second.host, 'active');
  });

  it('are offline while the network is down, and active when it is up again', async () => {
    await bed.fleet.network.partition(third.host);
    await untilTarget(bed.desk, third.host, 'offline');
    expect(await readTarget(bed.desk, first.host)).toMatchObject({ status: 'active' });
    await bed.fleet.network.heal(third.host);
    await untilTarget(bed.desk, third.host, 'active');
  });

  it('cannot report for each other with stolen keys', async () => {
    for (const role of ['agent', 'runner'] as const) {
      const login = await stealLogin(first, role);
      expect(await bed.redis.cli(login, 'PING')).toBe('PONG');
      expect(await carriedOut(bed.redis, login, second.host)).toEqual([]);
    }
    expect(await readTarget(bed.desk, second.host)).toMatchObject({ status: 'active' });
  });

  it('work with a hub that is one version ahead of them', async () => {
    process.stdout.write(await upgradeHub(bed.fleet.hub, packagesOfRun().next));
    const version = await versionIn(packagesOfRun().next);
    expect(await bed.desk.get('/auth')).toMatchObject({ version });
    for (const { host } of bed.fleet.targets) {
      const { inventory } = await untilTarget(bed.desk, host, 'active');
      expect(inventory?.agentVersion).not.toBe(version);
    }
    const id = await startTask(bed.desk, first.host, 'greet');
    expect(await untilEnded(bed.desk, id)).toMatchObject({ status: 'completed' });
  });

  it('are upgraded one after the other', async () => {
    const version = await versionIn(packagesOfRun().next);
    const { code, stdout, stderr } = await booner(bed, 'target', 'upgrade', '--all');
    process.stdout.write(stdout + stderr);
    expect(code).toBe(0);
    for (const { host } of bed.fleet.targets) {
      expect(await untilTarget(bed.desk, host, 'active')).toMatchObject({
        inventory: { agentVersion: version },
      });
    }
    expect(await first.shell('journalctl --no-pager --boot')).not.toContain('unknown escape');
  });

  it('say why an upgrade failed, and how to fix it', async () => {
    const { code, stdout } = await booner(bed, 'target', 'upgrade', first.host, '--to', '99.0.0');
    expect(code).not.toBe(0);
    expect(stdout).toMatch(
      /Not installed: the hub does not serve booner-host-99\.0\.0-linux-\w+\.tar\.gz\. \S/,
    );
  });

  it('return to the previous version if one does not start', async () => {
    const [version, broken] = [
      await versionIn(packagesOfRun().next),
      await versionIn(packagesOfRun().broken),
    ];
    await offerPackages(bed.fleet.hub, packagesOfRun().broken);
    const { code, stdout, stderr } = await booner(bed, 'target', 'upgrade', first.host, '--to', broken);
    process.stdout.write(stdout + stderr);
    expect(code).not.toBe(0);
    expect(stdout).toContain(`Rolled back: version ${version} runs. booner-agent.service does not start`);
    expect(await untilTarget(bed.desk, first.host, 'active')).toMatchObject({
      inventory: { agentVersion: version },
    });
    expect(await first.shell('cat /opt/booner/current/VERSION')).toBe(`${version}\n`);
  });

  it('cannot log in to Redis from the moment that they are removed', async () => {
    const logins = [await stealLogin(third, 'agent'), await stealLogin(third, 'runner')];
    const connected = async () => {
      const clients = await bed.redis.cli(bed.operator, 'CLIENT', 'LIST');
      return logins.filter(({ user }) => clients.includes(`user=${user} `)).map(({ user }) => user);
    };
    expect(await connected()).toHaveLength(2);
    expect(await bed.desk.ask('DELETE', `/targets/${third.host}`)).toMatchObject({
      status: 200,
      body: { redis: { applied: true } },
    });
    expect(await connected()).toEqual([]);
    for (const login of logins) expect(await bed.redis.cli(login, 'PING')).toMatch(/WRONGPASS/);
    expect(await readTarget(bed.desk, third.host)).toBeNull();
  });

  it('are as they were before, once uninstalled', async () => {
    for (const target of bed.fleet.targets) {
      await uninstallTarget(target);
      expect(differenceOf(before.get(target)!, await readTraces(target))).toEqual([]);
    }
    await uninstallHub(bed.fleet.hub);
    expect(differenceOf(bed.hubBefore, await readTraces(bed.fleet.hub))).toEqual([]);
  });
});

/** Ends an agent, and waits until another one reports for its host. */
async function untilAnotherInstance(target: Machine, end: () => Promise<unknown>): Promise<void> {
  const { sample } = await untilTarget(bed.desk, target.host, 'active');
  await end();
  await eventually(
    async () => {
      const now = await readTarget(bed.desk, target.host);
      return now?.status === 'active' && now.sample?.instance !== sample?.instance;
    },
    {
      deadlineMs: WATCHDOG_DEADLINE_MS,
      everyMs: 200,
      what: `another instance of the agent on ${target.host}`,
    },
  );
}
