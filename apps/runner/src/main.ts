import { becomeLean } from '@booner/service/lean-process';

/** A runner waits most of the time. Together with `releaseMemory`, which needs `--expose-gc`: 75 MiB of RSS at rest instead of 97. */
const NODE_OPTIONS = ['--max-semi-space-size=1', '--no-maglev', '--expose-gc'];

const load = () => import('./command.ts');

await becomeLean({ program: 'booner-runner', load, env: process.env, nodeOptions: NODE_OPTIONS });
const { runCommand } = await load();
await runCommand();
