import { join } from 'node:path';
import { loadLean } from '@booner/service/lean-process';

/**
 * A young generation of 2 MiB: with 10,000 agents it costs a fifteenth more CPU time than V8's 16 MiB, for 30 MiB less of memory. Without
 * the compiler in the middle (Maglev) a hub of that size uses no more CPU time, and one of 1,000 clients 18 MiB less.
 * `--expose-gc` is for `releaseMemory`.
 */
const NODE_OPTIONS = ['--max-semi-space-size=2', '--no-maglev', '--expose-gc'];

const { runCommand } = await loadLean({
  name: 'booner-hub',
  source: join(import.meta.dirname, 'command.ts'),
  load: () => import('./command.ts'),
  env: process.env,
  nodeOptions: NODE_OPTIONS,
});
await runCommand();
