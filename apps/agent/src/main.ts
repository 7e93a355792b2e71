import { becomeLean } from './lean-process.ts';

const load = () => import('./command.ts');

await becomeLean(load, process.env);
const { runCommand } = await load();
await runCommand();
