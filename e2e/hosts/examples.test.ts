import type { Rollout } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  installExample,
  offerPackageUpdate,
  publishGame,
  serveWebRepository,
  setUpWeb,
  startRollout,
  untilOffered,
  untilRolloutEnded,
} from './example-actions.ts';
import { type FleetBed, startFleetBed } from './fleet-bed.ts';
import { startTask, untilEnded, untilTarget } from './fleet-state.ts';
import { installTarget } from './install-target.ts';
import { printJournals } from './journals.ts';
import type { Machine } from './machine.ts';

const TASK_DEADLINE_MS = 120_000;

let bed: FleetBed;
let first: Machine;
let second: Machine;
let third: Machine;

beforeAll(async () => {
  bed = await startFleetBed({ targets: 3, packages: ['git'] });
  [first, second, third] = bed.fleet.targets as [Machine, Machine, Machine];
  await Promise.all(
    bed.fleet.targets.map((target) => installTarget(bed.desk, target, `server ${target.host}`)),
  );
  for (const { host } of bed.fleet.targets) await untilTarget(bed.desk, host, 'active');
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await printJournals(bed.fleet.targets);
});
afterAll(() => bed?.[Symbol.asyncDispose]());

const CHECK = { check: true };

/** Starts a task on the first host, waits for its end, and returns it with its log. */
async function perform(action: string, params = {}, options = {}) {
  const id = await startTask(bed.desk, first.host, action, params, options);
  const task = await untilEnded(bed.desk, id, TASK_DEADLINE_MS);
  const { lines } = await bed.desk.get<{ lines: { text: string }[] }>(`/tasks/${id}/log?limit=1000`);
  return { ...task, log: lines.map(({ text }) => text).join('\n') };
}

describe('a web application', () => {
  const ask = async (target: Machine) =>
    (await target.shell('curl --silent --show-error http://127.0.0.1:8080/version')).trim();
  const versions = () => Promise.all([first, second, third].map(ask));
  const statuses = ({ hosts }: Rollout) => hosts.map(({ status }) => status);
  const request = {
    ...{ action: 'web.deploy', selector: 'role=web', order: 'host' },
    ...{ batches: [1], maxFailures: 0, between: { waitSeconds: 0, healthy: false } },
  };
  let rollout: string;

  it('is rolled out to three hosts that run none yet', async () => {
    const repository = await serveWebRepository(bed.fleet.hub);
    for (const target of [first, second, third]) {
      await setUpWeb(target);
      const health = { WEB_HEALTH_TRIES: '15' };
      await installExample(target, 'web.deploy', { ...health, WEB_REPOSITORY: repository });
      await installExample(target, 'web.rollback', health);
      const labels = await bed.desk.ask('PATCH', `/targets/${target.host}`, { labels: { role: 'web' } });
      expect(labels.status).toBe(200);
    }
    await untilOffered(
      bed.desk,
      [first, second, third].map(({ host }) => host),
      'web.deploy',
    );
    const check = await perform('web.deploy', { version: 'v1' }, CHECK);
    expect(check.log).toContain('would switch from nothing to v1');
    expect(await first.shell('ls /srv/web')).toBe('');
    const id = await startRollout(bed.desk, '/rollouts', { ...request, params: { version: 'v1' } });
    expect(await untilRolloutEnded(bed.desk, id)).toMatchObject({ status: 'completed' });
    expect(await versions()).toEqual(['v1', 'v1', 'v1']);
  });

  it('keeps the former version where the next one fails, and the rollout stops there', async () => {
    // The new version needs a file that the second host does not have.
    for (const target of [first, third]) await target.shell('touch /etc/web-settings');
    rollout = await startRollout(bed.desk, '/rollouts', { ...request, params: { version: 'v2' } });
    const ended = await untilRolloutEnded(bed.desk, rollout);
    expect([ended.status, ...statuses(ended)]).toEqual(['failed', 'completed', 'failed', 'waiting']);
    expect(ended.hosts[1]!.error).toMatch(/^step health: .* did not report v2 in 15 tries/);
    // The unit that restarts the application does not keep the task waiting.
    await eventually(async () => (await ask(second)) === 'v1', { what: 'v1 on the second host' });
    expect(await versions()).toEqual(['v2', 'v1', 'v1']);
  });

  it('is on all hosts once the cause is fixed and the failed one is retried', async () => {
    await second.shell('touch /etc/web-settings');
    await bed.desk.post(`/rollouts/${rollout}/retry-failed`, {});
    const ended = await untilRolloutEnded(bed.desk, rollout);
    expect([ended.status, ...statuses(ended)]).toEqual(['completed', 'completed', 'completed', 'completed']);
    expect(await versions()).toEqual(['v2', 'v2', 'v2']);
  });

  it('is rolled back on all of them', async () => {
    const back = await startRollout(bed.desk, `/rollouts/${rollout}/rollback`, {
      action: 'web.rollback',
      params: { from: 'v2' },
    });
    expect(await untilRolloutEnded(bed.desk, back)).toMatchObject({
      status: 'completed',
      rollbackOf: rollout,
    });
    expect(await versions()).toEqual(['v1', 'v1', 'v1']);
  });

  it('is owned by the account that deploys, which is neither root nor that of the application', async () => {
    expect(await first.shell('stat -c %U /srv/web/current/server.mjs')).toBe('web-deploy\n');
    expect(await first.shell('ps -o user= -p "$(systemctl show -p MainPID --value web)"')).toBe('web\n');
  });
});

describe('a game server', () => {
  const running = 'cp "$GAME_CONFIG" settings; exec sleep infinity';
  const isActive = async () => (await first.tryExec(['systemctl', 'is-active', 'game@chess'])).stdout.trim();
  const current = async () => (await first.shell('readlink /srv/game/chess/current')).trim();

  it('is deployed by the request of an existing dashboard, as a unit of its own', async () => {
    await first.shell('useradd --system --home-dir /srv/game --shell /usr/sbin/nologin game');
    await publishGame(first, { version: '1.0.0', server: running });
    await installExample(first, 'game.deploy', {
      GAME_SOURCE: 'file:///srv/archives',
      GAME_STEADY_SECONDS: '3',
    });
    for (const name of ['game.start', 'game.stop', 'game.backup']) await installExample(first, name);
    await untilOffered(bed.desk, [first.host], 'game.deploy');
    const body = { game: 'chess', custom_config: { seats: 2 }, env_vars: null, target_host: first.host };
    const { task_id: id } = await bed.desk.post<{ task_id: string }>('/game/deploy', body);
    expect(await untilEnded(bed.desk, id, TASK_DEADLINE_MS)).toMatchObject({
      status: 'completed',
      result: { game: 'chess', release: expect.stringMatching(/-1\.0\.0$/) },
    });
    expect(await first.shell('systemctl show -p User -p UnitFileState --value game@chess')).toBe(
      'game\nenabled\n',
    );
    expect(await first.shell('cat /srv/game/chess/data/settings')).toBe('{"seats":2}\n');
    expect(await first.shell('stat -c "%U %a" /srv/game/chess/current/app/server')).toBe('root 755\n');
  });

  it.each([
    ['that ends at once', 'exit 1', {}, /^step health: .* did not keep running for 3 s/],
    ['with a pipe', running, { change: 'mkfifo pipe' }, /^step unpack: .* devices or pipes/],
    [
      'with a path outside',
      running,
      { members: '* ../archives' },
      /^step unpack: .* paths outside its folder/,
    ],
    ['without a server', running, { change: 'mv server other' }, /^step unpack: .* no executable server/],
  ])('goes on as it was after a release %s', async (_what, server, more, error) => {
    await publishGame(first, { version: '1.1.0', server, ...more });
    const before = await current();
    expect(await perform('game.deploy', { game: 'chess', custom_config: { seats: 9 } })).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(error),
    });
    expect(await current()).toBe(before);
    expect(await isActive()).toBe('active');
    expect(await first.shell('cat /srv/game/chess/data/settings')).toBe('{"seats":2}\n');
    expect(await first.shell('ls /srv/game/chess')).toBe('current\ndata\nreleases\n');
  });

  it('gets the files of a newer release without their setuid bits, and keeps its settings', async () => {
    await publishGame(first, {
      version: '1.2.0',
      server: running,
      change: 'cp server tool; chmod 4755 tool',
    });
    expect(await perform('game.deploy', { game: 'chess' })).toMatchObject({ status: 'completed' });
    expect(await first.shell('stat -c %a /srv/game/chess/current/app/tool')).toBe('755\n');
    expect(await first.shell('cat /srv/game/chess/current/config.json')).toBe('{"seats":2}\n');
  });

  it('is not unpacked from an archive that was changed, or is not listed', async () => {
    await first.shell('echo more >> /srv/archives/chess_1.0.0.tar.gz');
    expect(await perform('game.deploy', { game: 'chess', version: '1.0.0' })).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('step verify: '),
    });
    expect(await perform('game.deploy', { game: 'chess', version: '9.9' })).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('SHA256SUMS does not list this release of chess'),
    });
    expect(await first.shell('ls /srv/game/chess')).toBe('current\ndata\nreleases\n');
  });

  it('is backed up, from a sandbox that can write nothing else', async () => {
    await first.shell('install -d -m 700 /srv/backup');
    expect(await perform('game.backup', { game: 'chess' })).toMatchObject({ status: 'completed' });
    expect(await first.shell('tar -tzf /srv/backup/chess/*.tar.gz | sort')).toBe(
      'current/config.json\ncurrent/env.json\ndata/\ndata/settings\n',
    );
  });

  it('has dry runs, which change nothing', async () => {
    const logs = {
      'game.deploy': 'would switch chess from releases/',
      'game.backup': 'to /srv/backup/chess',
      'game.start': 'would start game@chess.service, which is active',
      'game.stop': 'would stop game@chess.service, which is active',
    };
    const before = await first.shell('ls -lR /srv');
    for (const [action, log] of Object.entries(logs)) {
      const check = await perform(action, { game: 'chess' }, CHECK);
      expect(check).toMatchObject({ status: 'completed', log: expect.stringContaining(log) });
    }
    expect(await first.shell('ls -lR /srv')).toBe(before);
    expect(await isActive()).toBe('active');
  });

  it('is stopped and started', async () => {
    expect(await perform('game.stop', { game: 'chess' })).toMatchObject({ status: 'completed' });
    expect(await isActive()).toBe('inactive');
    expect(await perform('game.start', { game: 'chess' })).toMatchObject({ status: 'completed' });
    expect(await isActive()).toBe('active');
  });
});

describe('packages', () => {
  it('are updated by apt, and the host is restarted a minute later if one asks for that', async () => {
    await offerPackageUpdate(first);
    await installExample(first, 'infrastructure.task');
    const check = await perform('infrastructure.task', {}, CHECK);
    expect(check).toMatchObject({ status: 'completed' });
    expect(await first.shell('dpkg-query -W probe')).toBe('probe\t1.0\n');
    const task = await perform('infrastructure.task', { reboot: 'if-needed' });
    expect(task).toMatchObject({
      status: 'completed',
      result: { packages: 1, rebootNeeded: true, rebooting: true },
    });
    expect(await first.shell('dpkg-query -W probe')).toBe('probe\t1.1\n');
    expect(await first.shell('grep MODE /run/systemd/shutdown/scheduled')).toBe('MODE=reboot\n');
    await first.shell('shutdown -c');
  });
});
