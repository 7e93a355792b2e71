import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Outcome } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { afterEach, expect, it } from 'vitest';
import { startTestRun, type TestRunOptions } from '../testing/run-to-end.ts';
import { endLeftovers } from './end-leftovers.ts';
import { directLauncher, type Launcher } from './launcher.ts';
import { findLauncher } from './service-launcher.ts';
import { newUnitName } from './task-unit.ts';

const cancelled: Outcome = { status: 'cancelled', result: null, error: 'cancelled by an operator' };
const deadlineMs = 60_000;
/**
 * A control group is a folder of its hierarchy; which one does not matter. Version 2 is mounted
 * alone, or beside version 1.
 */
const HIERARCHY = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'].find((path) => {
  if (!existsSync(join(path, 'cgroup.procs'))) return false;
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
});
const mayMakeGroups = HIERARCHY !== undefined && process.geteuid?.() === 0;
const JOIN = 'echo $$ > "$1/cgroup.procs"; shift; exec "$@"';

/** Does by hand what systemd does for the runner: creates a group named like the service. */
function startGroups() {
  const made: string[] = [];
  const launcher: Launcher = {
    confines: false,
    launch: async (task) => {
      const { taskId, command } = task;
      const group = join(HIERARCHY ?? '', newUnitName(taskId));
      await mkdir(group);
      made.push(group);
      const argv = ['sh', '-c', JOIN, 'sh', group, ...command.argv];
      return directLauncher.launch({ ...task, command: { ...command, argv } });
    },
    forget: directLauncher.forget,
  };
  return {
    launcher,
    [Symbol.asyncDispose]: async () => {
      for (const group of made) {
        // A process that has ended is a member for a moment longer.
        const isRemoved = () =>
          rmdir(group).then(
            () => true,
            () => false,
          );
        await eventually(isRemoved, { deadlineMs, what: 'an empty control group' });
      }
    },
  };
}

/**
 * A grandchild whose parent has gone and that keeps nothing of the task: no group, no session, no
 * environment, no pipe.
 */
const ESCAPE =
  'setsid env -i sh -c "(env -i setsid sh -c \'exec sleep 300 <&- >&- 2>&-\' & echo \\$!)" & wait; echo ready; sleep 300';

const escaped: number[] = [];
afterEach(() => {
  for (const pid of escaped.splice(0)) if (commandOf(pid) !== '') process.kill(pid, 'SIGKILL');
});

async function startEscaping(options: TestRunOptions) {
  const run = await startTestRun({ command: ['sh', '-c', ESCAPE] }, options);
  await eventually(() => run.texts('stdout').includes('ready'), { deadlineMs, what: 'the escape' });
  const pid = Number(run.texts('stdout')[0]);
  escaped.push(pid);
  await eventually(() => commandOf(pid).startsWith('sleep'), { deadlineMs, what: 'the escaped process' });
  return { run, pid };
}

const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1'); // empty for a zombie
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code!)) return '';
    throw error;
  }
};

it.skipIf(!mayMakeGroups)(
  'ends a process that left nothing of the task behind but its control group',
  async () => {
    await using groups = startGroups();
    const { run, pid } = await startEscaping({ launcher: groups.launcher });
    await using _ = run;
    run.end(cancelled);
    expect(await run.ended).toEqual(cancelled);
    expect(commandOf(pid)).toBe('');
  },
);

it.skipIf(!mayMakeGroups)(
  'ends it for a runner that was started anew, too, and nothing of another task',
  async () => {
    await using groups = startGroups();
    const one = await startEscaping({ launcher: groups.launcher });
    await using _ = one.run;
    const other = await startEscaping({ launcher: groups.launcher });
    await using __ = other.run;
    expect(await endLeftovers(one.run.taskId, 200)).toBeGreaterThanOrEqual(2);
    expect([one.pid, other.pid].map(commandOf)).toEqual(['', expect.stringMatching(/^sleep/)]);
    other.run.end(cancelled);
    await other.run.ended;
    expect(commandOf(other.pid)).toBe('');
  },
);

it.skipIf(existsSync('/run/systemd/system'))('starts tasks directly where there is no systemd', async () => {
  const said: string[] = [];
  const say = (...words: readonly unknown[]) => void said.push(String(words.at(-1)));
  expect(await findLauncher({ info: say, warn: say })).toBe(directLauncher);
  expect(said).toEqual([]);
});
