import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasEnded, type Task } from '@booner/protocol';
import { eventually, freePort, isFree, startSimulatedFleet } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { shell, waiting } from '../tasks/actions.ts';
import { HOST, startTaskBed, type TaskBed } from '../tasks/task-bed.ts';
import { boonerFor } from './booner.ts';

const ACTIONS = {
  greet: {
    ...shell(
      'echo "hello $1 $2"; echo "::progress 50 Halfway"; echo \'{"greeted": 2}\' > "$BOONER_RESULT_FILE"',
      '{{name}}',
      '{{times}}',
    ),
    parameters: [
      { name: 'name', type: 'string', required: true },
      { name: 'times', type: 'integer', default: 1, max: 9 },
    ],
  },
  broken: shell('echo about to fail; exit 7'),
  counting: {
    ...shell('echo "::progress 90 1 s left"; exit "$1"', '{{code}}'),
    parameters: [{ name: 'code', type: 'integer', required: true }],
  },
  upgrade: {
    steps: [
      { name: 'install', ...shell('echo installing; exit 2') },
      { name: 'restart', ...shell('true') },
      { name: 'tidy-up', ...shell('true'), always: true },
    ],
    check: ['echo', 'would install'],
  },
  sealed: {
    ...shell('test "$BOONER_PARAM_PASSWORD" = opensesame && echo opened'),
    parameters: [{ name: 'password', type: 'string', secret: true, required: true }],
  },
};

describe('the command line', () => {
  it('runs actions, follows them, and reports how they ended', async () => {
    await using bed = await startTaskBed({
      actions: (directory) => ({ ...ACTIONS, wait: waiting(directory) }),
    });
    await using booner = await boonerFor(bed.hub.url);

    const greeted = await booner.run(['run', HOST, 'greet', '-p', 'name=a b', '-p', 'times=3', '--follow']);
    expect(greeted).toMatchObject({ code: 0, stdout: 'hello a b 3\n' });
    expect(greeted.stderr).toMatch(/^completed: \{"greeted":2\}$/m);

    const broken = await booner.run(['run', HOST, 'broken', '-f']);
    expect(broken).toMatchObject({ code: 7, stdout: 'about to fail\n' });
    expect(broken.stderr).toMatch(/^failed: exit code 7$/m);

    const task = await booner.json<Task>(['run', HOST, 'broken', '-f'], { code: 7 });
    expect(task).toMatchObject({ status: 'failed', error: 'exit code 7', action: 'broken', host: HOST });

    await checkSteps(bed);
    await checkSecrets(bed);
    await checkRefusals(bed);
    await checkLists(bed, task.id);
    await checkEndedProgress(bed);
    await checkInterruption(bed);
    await checkWatch(bed);
    await checkTrouble(bed);
  });

  it('reports errors in one sentence and by its exit code', async () => {
    const port = await freePort();
    await using booner = await boonerFor(`http://127.0.0.1:${port}`);
    const unreachable = await booner.run(['status']);
    expect(unreachable).toMatchObject({ code: 3, stdout: '' });
    expect(unreachable.stderr).toBe(
      `booner: http://127.0.0.1:${port}: the hub cannot be reached (ECONNREFUSED)\n` +
        '  run `booner doctor` to find out why, or pass --hub URL to use another hub\n',
    );
    expect((await booner.run(['status', '--nonsense'])).code).toBe(2);
    expect((await booner.run(['run', HOST])).code).toBe(2);
    expect((await booner.run(['status', '--profile', 'nowhere'])).code).toBe(2);
    expect((await booner.run(['--help'])).code).toBe(0);
    await using fresh = await boonerFor(null);
    if (await isFree(8000)) {
      const first = await fresh.run([]);
      expect(first).toMatchObject({ code: 3, stdout: '' });
      expect(first.stderr).toMatch(/^booner: no hub is configured, .*\n(.*\n)* +npm start {2,}start a hub/);
    }
    expect((await booner.run(['statu'])).stderr).toContain('Did you mean status?');
  });
});

/** Secrets only come from a file or stdin. */
async function checkSteps(bed: TaskBed) {
  await using booner = await boonerFor(bed.hub.url);
  const upgrade = await booner.json<Task>(['run', HOST, 'upgrade', '-f'], { code: 2 });
  expect(upgrade.error).toBe('step install: exited with code 2');
  const shown = await booner.run(['tasks', upgrade.id]);
  expect(shown.stdout).toMatch(/^install +failed +\d+ \w+ +1 +1$/m);
  expect(shown.stdout).toMatch(/^restart +skipped$/m);
  expect(shown.stdout).toMatch(/^tidy-up +completed +\d+ \w+ +1 +3$/m);
  const checked = await booner.run(['run', HOST, 'upgrade', '--check', '-f']);
  expect(checked).toMatchObject({ code: 0, stdout: 'would install\n' });
  const refused = await booner.run(['run', HOST, 'greet', '-p', 'name=a', '--check']);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain('greet of 10.0.0.2 offers no dry run');
  const actions = await booner.run(['actions', HOST]);
  expect(actions.stdout).toMatch(/^upgrade .*dry run with --check/m);
  expect(actions.stdout).toContain('steps: install, restart, tidy-up');
}

async function checkSecrets(bed: TaskBed): Promise<void> {
  await using booner = await boonerFor(bed.hub.url);
  const refused = await booner.run(['run', HOST, 'sealed', '-p', 'password=opensesame']);
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('every user on this machine can read'),
  });
  const file = join(booner.configDirectory, 'password');
  await writeFile(file, 'opensesame\n');
  const opened = await booner.run(['run', HOST, 'sealed', '--param-file', `password=${file}`, '-f']);
  expect(opened).toMatchObject({ code: 0, stdout: 'opened\n' });
  const piped = await booner.run(['run', HOST, 'sealed', '--param-file', 'password=-', '-f'], {
    input: 'opensesame\n',
  });
  expect(piped.code).toBe(0);
}

async function checkRefusals(bed: TaskBed): Promise<void> {
  await using booner = await boonerFor(bed.hub.url);
  const bad = await booner.run(['run', HOST, 'greet', '-p', 'name=x', '-p', 'times=many']);
  expect(bad).toMatchObject({ code: 2, stderr: 'booner: times must be a whole number\n' });
  const two = await booner.run(['run', HOST, 'greet', '-p', 'times=10']);
  expect(two).toMatchObject({ code: 2, stderr: 'booner: name is required; times must be at most 9\n' });
  const bare = await booner.run(['run', HOST, 'greet', 'name=x', 'times=2']);
  expect(bare).toMatchObject({
    code: 2,
    stderr: 'booner: unexpected argument "name=x"\n  pass parameters with -p: -p name=x -p times=2\n',
  });
  const unknown = await booner.run(['run', HOST, 'nothing']);
  expect(unknown).toMatchObject({
    code: 5,
    stderr: `booner: "nothing" is not an action of ${HOST}. It offers: broken, counting, greet, sealed, upgrade, wait.\n`,
  });
  expect((await booner.run(['logs', 'V1StGXR8_Z5jdHi6B-myT'])).code).toBe(5);
  expect((await booner.run(['targets', '10.9.9.9'])).code).toBe(5);
}

/** An ended task shows no remaining time, and a completed one shows 100 %. */
async function checkEndedProgress(bed: TaskBed): Promise<void> {
  await using booner = await boonerFor(bed.hub.url);
  const detailsOf = async (code: number) => {
    const args = ['run', HOST, 'counting', '-p', `code=${code}`, '-f'];
    const { id } = await booner.json<Task>(args, { code });
    const shown = await booner.run(['tasks', id]);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    return shown.stdout;
  };
  const completed = await detailsOf(0);
  expect(completed).toMatch(/^progress +100 %$/m);
  const failed = await detailsOf(3);
  expect(failed).toMatch(/^progress +90 % when it ended$/m);
  for (const text of [completed, failed]) expect(text).not.toContain('s left');
}

/** JSON equals the REST responses; tables are for people. */
async function checkLists(bed: TaskBed, taskId: string): Promise<void> {
  await using booner = await boonerFor(bed.hub.url);
  const rest = async (path: string) => (await bed.hub.get(path)).json();
  expect(await booner.json(['tasks', '-n', '3'])).toEqual(await rest('/tasks?version=2&limit=3'));
  expect(await booner.json(['tasks', taskId])).toEqual(await rest(`/tasks/${taskId}?version=2`));
  expect(await booner.json(['targets'])).toEqual(await rest('/targets'));
  expect(await booner.json(['actions', HOST])).toEqual(await rest(`/targets/${HOST}/actions`));
  expect(await booner.json(['actions'])).toEqual(await rest('/runners'));
  expect(await booner.json(['status'])).toMatchObject({ type: 'snapshot', bus: 'connected', targets: [] });
  const lines = (await booner.run(['logs', taskId, '--json'])).stdout.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { line: 1, stream: 'stdout', text: 'about to fail' },
  ]);

  const { stdout } = await booner.run(['tasks', '--status', 'failed'], { env: { COLUMNS: '80' } });
  const [title = '', ...rows] = stdout.trimEnd().split('\n');
  expect(title).toMatch(/^TASK +STATUS +HOST +ACTION/);
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(row).toMatch(/^[\w-]{21} {2}failed/);
  for (const line of [title, ...rows]) expect(line.length).toBeLessThanOrEqual(80);
}

/** Ctrl-C stops following and the task continues, unless `--cancel-on-interrupt` is given. */
async function checkInterruption(bed: TaskBed): Promise<void> {
  await using booner = await boonerFor(bed.hub.url);
  const following = booner.start(['run', HOST, 'wait', '--follow']);
  await eventually(() => following.stdout().includes('running\n'), {
    what: 'the task to run',
  });
  following.kill('SIGINT');
  const left = await following.ended;
  expect(left.code).toBe(130);
  const id = /booner cancel ([\w-]{21})/.exec(left.stderr)?.[1] as string;
  expect((await bed.read(id)).status).toBe('running');

  const reattached = booner.start(['logs', id, '--follow']);
  await eventually(() => reattached.stdout().includes('running\n'), { what: 'its output' });
  const cancelled = await booner.json<Task>(['cancel', id, '--wait']);
  expect(cancelled.status).toBe('cancelled');
  expect(await reattached.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('cancelled') });
  expect(await booner.run(['cancel', id])).toMatchObject({ code: 0 }); // already cancelled

  const ending = booner.start(['run', HOST, 'wait', '-f', '--cancel-on-interrupt']);
  await eventually(() => ending.stdout().includes('running\n'), {
    what: 'the task to run',
  });
  ending.kill('SIGINT');
  expect(await ending.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/^cancelled/m) });
  const { tasks } = await booner.json<{ tasks: Task[] }>(['tasks', '--action', 'wait']);
  expect(tasks.every(({ status }) => hasEnded(status))).toBe(true);
}

/** Targets in trouble come first, with the reason, also in a pipe, and can be shown alone. */
async function checkTrouble(bed: TaskBed): Promise<void> {
  await using booner = await boonerFor(bed.hub.url);
  await using fleet = await startSimulatedFleet({
    redisUrl: bed.redis.url,
    count: 3,
    intervalMs: 1000,
    shape: (index) =>
      [{ cpuUsageRatio: 0.1 }, { cpuUsageRatio: 0.98 }, { rootUsageRatio: 0.93 }][index] ?? {},
  });
  const [well, busy, full] = fleet.hosts;
  const rowsOf = async (...args: string[]) => (await booner.run(args)).stdout.split('\n');
  await eventually(
    async () => (await rowsOf('status')).some((row) => row.includes('3 active (2 in trouble)')),
    {
      what: 'the simulated hosts',
    },
  );

  const rows = (await rowsOf('status')).filter((row) => row.startsWith('10.'));
  expect(rows.map((row) => row.split(' ')[0])).toEqual([busy, full, well]);
  expect(rows[0]).toMatch(/ CPU 98 %$/);
  expect(rows[1]).toMatch(/ disk 93 %$/);
  for (const command of [['status'], ['targets'], ['target', 'list']]) {
    const { targets } = await booner.json<{ targets: { host: string }[] }>([
      ...command,
      '--status',
      'trouble',
    ]);
    expect(
      targets.map(({ host }) => host),
      command.join(' '),
    ).toEqual([busy, full]);
  }

  const overview = await booner.run([]);
  expect(overview).toMatchObject({ code: 0, stderr: '' });
  expect(overview.stdout).toMatch(/^3 targets · 3 active \(2 in trouble\)$/m);
  expect(overview.stdout).toMatch(/^0 tasks running, 0 queued$/m);
  expect(overview.stdout).toContain('booner status --status trouble');
  expect(await booner.json([])).toMatchObject({
    bus: 'connected',
    targets: { total: 3, active: 3, trouble: 2 },
    tasks: { running: 0, queued: 0 },
  });
}

const ALTERNATE_SCREEN = '\u001b[?1049h';
const NORMAL_SCREEN = '\u001b[?1049l';

/** The screen is taken over, and restored however it ends. */
async function checkWatch(bed: TaskBed): Promise<void> {
  await using booner = await boonerFor(bed.hub.url);
  const ends = {
    'the key q': (watch: ReturnType<typeof booner.start>) => watch.write('q'),
    'Ctrl-C': (watch: ReturnType<typeof booner.start>) => watch.write('\u0003'),
  };
  for (const [what, end] of Object.entries(ends)) {
    const watch = booner.start(['status', '--watch'], { inTerminal: true });
    await eventually(() => watch.stdout().includes('0 targets'), { what: 'the fleet' });
    expect(watch.stdout()).toContain(ALTERNATE_SCREEN);
    expect(watch.stdout()).not.toContain(NORMAL_SCREEN);
    end(watch);
    const { code, stdout } = await watch.ended;
    expect(code, what).toBe(0);
    expect(stdout.lastIndexOf(NORMAL_SCREEN), what).toBeGreaterThan(stdout.lastIndexOf(ALTERNATE_SCREEN));
  }
  const lines = booner.start(['status', '--watch', '--json']);
  await eventually(() => lines.stdout().split('\n').length > 2, { what: 'two snapshots' });
  lines.kill('SIGTERM');
  for (const line of (await lines.ended).stdout.trim().split('\n')) {
    expect(JSON.parse(line)).toMatchObject({ type: 'snapshot', targets: [] });
  }
}
