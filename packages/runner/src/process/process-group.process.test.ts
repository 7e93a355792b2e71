import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { endProcesses, killAfter } from './end-processes.ts';
import { processGroup } from './process-group.ts';

it('ends a process group without /proc', async () => {
  const child = spawn('sh', ['-c', 'trap "" TERM; echo ready; sleep 100 & sleep 100'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  const closed = once(child, 'close');
  expect(
    await endProcesses(processGroup(child.pid!), { groupId: child.pid!, killAtMs: killAfter(100) }),
  ).toEqual({
    count: 1,
    left: [],
  });
  await closed;
  expect(await processGroup(child.pid!).find()).toEqual([]);
});
