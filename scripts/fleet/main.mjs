// Runs the tests on real hosts (e2e/hosts), after building the packages that the hosts install.
// Exits with 77 where the kernel, or the container around this, allows no namespaces, and with 1
// for every other failure.
//   npm run test:fleet -- [--short] [tests' file names]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { whyNoHosts } from '../../e2e/hosts/requirements.ts';
import { removeLeftovers } from '../../e2e/hosts/run-folder.ts';
import { makePackages } from './packages.mjs';

const SKIPPED = 77;
/** Time for the tests to end after a signal. */
const END_MS = 20_000;

const root = join(import.meta.dirname, '../..');
const { values, positionals } = parseArgs({
  options: { short: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const obstacle = await whyNoHosts();
if (obstacle !== null) {
  process.stderr.write(`${obstacle.text}\n`);
  process.exit(obstacle.isKernels ? SKIPPED : 1);
}
const packages = await mkdtemp(join(tmpdir(), 'booner-fleet-'));
try {
  await makePackages({ root, out: packages, isShort: values.short });
  const files =
    positionals.length > 0 ? positionals : values.short ? ['short'] : ['harness', 'fleet', 'launcher'];
  process.exitCode = await runTests(files);
} finally {
  await removeLeftovers();
  await rm(packages, { recursive: true });
}

/**
 * Runs the tests and returns their exit code. A signal to this process ends them. All of their
 * processes have ended when this returns.
 */
async function runTests(files) {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--config', join(root, 'e2e/hosts/vitest.config.ts'), ...files];
  const env = { ...process.env, BOONER_FLEET_PACKAGES: packages };
  const tests = spawn(process.execPath, args, { stdio: 'inherit', env, detached: true });
  const end = (signal) => {
    signalGroup(tests.pid, signal);
    setTimeout(() => signalGroup(tests.pid, 'SIGKILL'), END_MS).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
  const [code] = await once(tests, 'exit');
  while (signalGroup(tests.pid, 'SIGKILL')) await pause(20);
  return code ?? 1;
}

/** Returns whether there was a process to receive the signal. */
function signalGroup(pid, signal) {
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    if (error.code === 'ESRCH') return false;
    throw error;
  }
}
