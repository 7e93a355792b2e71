import { join } from 'node:path';
import { loadLean } from '@booner/service/lean-process';

/**
 * - Half of V8's default young generation, whatever the memory of the machine. Requests in progress
 *   do not fit into one of 2 MiB: tasks take a third more CPU time. With one of 16 MiB, the history
 *   of 1,000 agents takes 20 MiB more.
 * - A heap that grows by half before it is collected, instead of doubling or tripling: with 2,500
 *   agents this saves some 70 MiB, for full collections that come more often.
 * - No mid-tier compiler (Maglev): this saves 18 MiB with 1,000 clients, and costs no CPU time with
 *   10,000 agents.
 * - `--expose-gc` is for `releaseMemory`.
 */
const NODE_OPTIONS = ['--max-semi-space-size=8', '--heap-growing-percent=50', '--no-maglev', '--expose-gc'];

const { runCommand } = await loadLean({
  name: 'booner-hub',
  source: join(import.meta.dirname, 'command.ts'),
  load: () => import('./command.ts'),
  env: process.env,
  nodeOptions: NODE_OPTIONS,
});
await runCommand();
