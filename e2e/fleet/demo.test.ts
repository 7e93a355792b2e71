import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StatusSnapshot, Task } from '@booner/protocol';
import { eventually, startProcess } from '@booner/testkit';
import { expect, it } from 'vitest';
import { processesWith } from '../tasks/process-table.ts';

const MAIN = join(import.meta.dirname, '../../scripts/demo/main.mjs');
const REAL = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];

it('npm run demo starts a fleet that runs tasks, and Ctrl-C leaves nothing of it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'booner-demo-test-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const demo = stack.use(
    await startProcess({
      command: process.execPath,
      args: [MAIN],
      env: { PORT: '0', TMPDIR: directory },
    }),
  );
  const url = await eventually(
    () => {
      const text = demo.lines.stdout.join('\n');
      if (demo.hasExited()) throw new Error(`it ended: ${text}${demo.lines.stderr.join('\n')}`);
      return /^Dashboard {2}(http:\S+)\nCtrl-C stops$/m.exec(text)?.[1];
    },
    { what: 'the address of the demo' },
  );

  const read = async <T>(path: string, init?: RequestInit) =>
    (await (await fetch(`${url}${path}`, init)).json()) as T;
  const { targets } = await eventually(
    async () => {
      const status = await read<StatusSnapshot>('/system/status?version=2');
      return status.targets.length === REAL.length + 20 ? status : null;
    },
    { what: 'three real and twenty simulated targets' },
  );
  expect(targets.map(({ host }) => host)).toEqual(expect.arrayContaining(REAL));
  expect(printedProcesses(demo.lines.stdout).filter(isRunning)).toHaveLength(1 + 2 * REAL.length);

  const { task_id } = await read<{ task_id: string }>('/tasks', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ host: '127.0.0.4', action: 'countdown', params: { seconds: 1 } }),
  });
  await eventually(async () => (await read<Task>(`/tasks/${task_id}?version=2`)).status === 'completed', {
    what: 'the end of a task',
  });

  demo.kill('SIGINT');
  expect(await demo.exited).toEqual({ code: 0, signal: null });
  expect(demo.lines.stderr).toEqual([]);
  expect(await readdir(directory)).toEqual([]);
  expect(await processesWith(directory)).toEqual([]);
});

/** Reads the ids of Redis and of the agents and runners, which a reader can stop and continue. */
function printedProcesses(lines: readonly string[]): readonly number[] {
  return lines.flatMap((line) =>
    [...line.matchAll(/(?:^Redis: redis:\S+, process|agent|runner) (\d+)/g)].map(([, pid]) => Number(pid)),
  );
}

function isRunning(pid: number): boolean {
  return process.kill(pid, 0);
}
