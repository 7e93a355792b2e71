import { join } from 'node:path';
import { loadLean } from '@booner/service/lean-process';

/**
 * Trades speed for memory, as a runner is mostly idle. Together with `releaseMemory`, which needs
 * `--expose-gc`: 75 MiB of RSS at rest instead of 97.
 */
const NODE_OPTIONS = ['--max-semi-space-size=1', '--no-maglev', '--expose-gc'];

const { runCommand } = await loadLean({
  name: 'booner-runner',
  source: join(import.meta.dirname, 'command.ts'),
  load: () => import('./command.ts'),
  env: process.env,
  nodeOptions: NODE_OPTIONS,
});
await runCommand();
