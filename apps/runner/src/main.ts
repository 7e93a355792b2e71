import { becomeLean } from '@booner/service/lean-process';

const load = () => import('./command.ts');

await becomeLean({ program: 'booner-runner', load, env: process.env, nodeOptions: [] });
const { runCommand } = await load();
await runCommand();
