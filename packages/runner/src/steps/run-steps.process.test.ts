import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Task, TaskId } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { startTestHost } from '../testing/test-host.ts';
import { startTestLauncher } from '../testing/test-launcher.ts';

const deadlineMs = 60_000;
const shell = (script: string) => ['sh', '-c', script];
const step = (name: string, script: string, more: object = {}) => ({ name, command: shell(script), ...more });
const HANG = 'echo running; exec sleep 300';
const noted = (name: string) => `echo ${name} >> "$FOLDER/steps"`;
/** Leaves a process that ignores TERM, and one without the environment of the task. */
const LEAVE = `(trap "" TERM; exec sleep 300) > /dev/null 2>&1 &
  env -i sleep 300 > /dev/null 2>&1 & echo $! >> "$FOLDER/left"`;

const ACTIONS = {
  deploy: {
    steps: [
      step('build', `${noted('build')}; [ "$(wc -l < "$FOLDER/steps")" -ge 2 ] || exit 3`, {
        retry: { attempts: 3 },
      }),
      step('probe', 'exit 1', { continueOnError: true }),
      step('install', `${noted('install')}; printf '{"to":"eu"}' > "$BOONER_RESULT_FILE"`),
      step('tidy', `${noted('tidy')}; echo all done`, { always: true }),
    ],
  },
  broken: {
    steps: [
      step('build', 'echo no space >&2; exit 2'),
      step('install', noted('install')),
      step('tidy', `${noted('tidy')}; ${LEAVE}`, { always: true }),
      step('report', `${noted('report')}; exit 4`, { always: true }),
    ],
  },
  hanging: {
    steps: [
      step('start', LEAVE),
      step('install', `${noted('install')}; ${HANG}`),
      step('migrate', noted('migrate')),
      step('tidy', `${noted('tidy')}; ${LEAVE}`, { always: true }),
    ],
  },
  stopped: {
    steps: [step('install', HANG), step('tidy', noted('tidy'), { always: true })],
    onStop: 'fail',
  },
  late: {
    steps: [
      step('install', HANG),
      step('tidy', `sleep 2; ${noted('tidy')}`, { always: true }),
      step('stuck', HANG, { always: true, timeoutSeconds: 1 }),
    ],
    timeoutSeconds: 1,
  },
  checked: {
    steps: [step('install', noted('install'))],
    check: shell(`${noted('check')}; echo would install`),
  },
  single: { command: shell(noted('single')) },
};

/** A host whose runner starts processes by itself, or through a launcher. */
async function startHost(way: 'directly' | 'through the launcher') {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'booner-steps-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const actions = Object.fromEntries(
    Object.entries(ACTIONS).map(([name, action]) => [name, { ...action, env: { FOLDER: folder } }]),
  );
  const policy = { graceMs: 500 };
  const launcher = way === 'directly' ? null : stack.use(await startTestLauncher(actions));
  const host = stack.use(
    launcher === null
      ? await startTestHost({ actions: () => actions, policy })
      : await startTestHost({ actions: () => ({}), launcherPath: launcher.path, policy }),
  );
  const linesOf = async (name: string) =>
    (await readFile(join(folder, name), 'utf8').catch(() => '')).split('\n').slice(0, -1);
  const owned = stack.move();
  return {
    host,
    /** The steps that noted themselves. */
    notes: () => linesOf('steps'),
    /** For each process that lost the environment of its task, whether it still runs. */
    left: async () => (await linesOf('left')).map(isAlive),
    untilRunning: (id: TaskId) =>
      eventually(async () => (await host.logOf(id)).some(({ text }) => text === 'running'), {
        deadlineMs,
        what: 'the first line of the step',
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Zombies do not count: in a container their parent may never wait for them. */
function isAlive(pid: string): boolean {
  if (!existsSync(`/proc/${pid}`)) return false;
  return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

const statusesOf = ({ steps }: Task) => steps?.map(({ name, status }) => `${name} ${status}`);

/** Returns the processes of a task that are left, by their environment. */
async function processesOf(id: TaskId): Promise<number> {
  const { taskProcesses } = await import('../process/task-processes.ts');
  return (await taskProcesses(id, null).find()).length;
}

describe.each(['directly', 'through the launcher'] as const)('steps that run %s', (way) => {
  it('run in order as one task, with retries, one log and one result', async () => {
    await using bed = await startHost(way);
    const { host } = bed;
    const id = await host.create('deploy');
    const task = await host.untilEnded(id);
    expect(task).toMatchObject({ status: 'completed', error: null, result: { to: 'eu' }, attempt: 1 });
    expect(task.steps).toMatchObject([
      { name: 'build', status: 'completed', attempts: 2, firstLine: 1 },
      { name: 'probe', status: 'failed', attempts: 1, firstLine: 3 },
      { name: 'install', status: 'completed', attempts: 1, firstLine: 4 },
      { name: 'tidy', status: 'completed', attempts: 1, firstLine: 5 },
    ]);
    expect(task.steps?.every(({ durationMs }) => durationMs !== null)).toBe(true);
    expect((await host.logOf(id)).map(({ stream, text }) => `${stream}: ${text}`)).toEqual([
      'runner: step 1 of 4: build',
      'runner: step 1 of 4: build (attempt 2 of 3)',
      'runner: step 2 of 4: probe',
      'runner: step 3 of 4: install',
      'runner: step 4 of 4: tidy',
      'stdout: all done',
    ]);
    expect(await bed.notes()).toEqual(['build', 'build', 'install', 'tidy']);
  });

  it('clean up after a failure, which names the step, and leave no process', async () => {
    await using bed = await startHost(way);
    const { host } = bed;
    const id = await host.create('broken');
    const task = await host.untilEnded(id);
    expect(task).toMatchObject({ status: 'failed', result: { exitCode: 2 } });
    expect(task.error).toBe('step build: exited with code 2: no space');
    expect(statusesOf(task)).toEqual(['build failed', 'install skipped', 'tidy completed', 'report failed']);
    expect(await bed.notes()).toEqual(['tidy', 'report']);
    expect(await processesOf(id)).toBe(0);
    expect(await bed.left()).toEqual([false]);
  });

  it('are shown while they run; a cancellation ends the running one and cleans up', async () => {
    await using bed = await startHost(way);
    const { host } = bed;
    const id = await host.create('hanging');
    const running = await host.until(id, 'the second step', ({ steps }) => steps?.[1]?.status === 'running');
    expect(statusesOf(running)?.slice(1)).toEqual(['install running', 'migrate waiting', 'tidy waiting']);
    await bed.untilRunning(id);
    expect(await bed.left()).toEqual([true]);
    await host.tasks.cancel(id);
    const task = await host.untilEnded(id);
    expect(task).toMatchObject({ status: 'cancelled', error: 'cancelled' });
    expect(statusesOf(task)?.slice(1)).toEqual(['install cancelled', 'migrate skipped', 'tidy completed']);
    expect(await bed.notes()).toEqual(['install', 'tidy']);
    expect(await processesOf(id)).toBe(0);
    expect(await bed.left()).toEqual([false, false]);
  });

  it('do not clean up when the runner stops', async () => {
    await using bed = await startHost(way);
    const { host } = bed;
    const id = await host.create('stopped');
    await bed.untilRunning(id);
    await host.stopRunner();
    const task = await host.untilEnded(id);
    expect(task).toMatchObject({ status: 'failed', error: 'the runner was stopped' });
    expect(statusesOf(task)).toEqual(['install failed', 'tidy skipped']);
    expect(await bed.notes()).toEqual([]);
  });

  it('share the time limit of the action, beyond which clean-up has its own', async () => {
    await using bed = await startHost(way);
    const { host } = bed;
    const task = await host.untilEnded(await host.create('late'));
    expect(task).toMatchObject({ status: 'failed', error: 'step install: timed out after 1 s' });
    expect(statusesOf(task)).toEqual(['install failed', 'tidy completed', 'stuck failed']);
    expect(await bed.notes()).toEqual(['tidy']);
  });

  it('do not run in a dry run, which only an action with a check has', async () => {
    await using bed = await startHost(way);
    const { host } = bed;
    const checked = await host.untilEnded(await host.create('checked', {}, { check: true }));
    expect(checked).toMatchObject({ status: 'completed', check: true, steps: null });
    expect(checked.result).toEqual({ details: 'would install' });
    const single = await host.untilEnded(await host.create('single', {}, { check: true }));
    expect(single).toMatchObject({ status: 'failed', error: expect.stringContaining('dry run') });
    expect(await bed.notes()).toEqual(['check']);
  });

  it('are offered by name, with what else the file declares', async () => {
    await using bed = await startHost(way);
    const { actions = [] } = (await bed.host.presence()) ?? {};
    const { deploy, checked, single } = Object.fromEntries(actions.map((action) => [action.name, action]));
    expect(deploy).toMatchObject({ steps: ['build', 'probe', 'install', 'tidy'] });
    expect(checked).toMatchObject({ steps: ['install'], checkable: true });
    expect(single).not.toHaveProperty('steps');
    expect(single).not.toHaveProperty('checkable');
  });
});
