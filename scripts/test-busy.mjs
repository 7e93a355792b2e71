// Runs the tests beside one busy process per core, so that tests which judge speed fail.
// Arguments go to vitest: `npm run test:busy -- --project unit`.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

const loads = Array.from({ length: availableParallelism() }, () =>
  spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'ignore' }),
);
const endLoads = () => {
  for (const load of loads) load.kill('SIGKILL');
};
process.once('exit', endLoads);

const tests = spawn('npm', ['test', '--', ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    endLoads();
    tests.kill(signal);
  });
}
tests.once('error', (error) => {
  console.error(`The tests could not be started: ${error.message}`);
  process.exit(1);
});
tests.once('exit', (code) => process.exit(code ?? 1));
