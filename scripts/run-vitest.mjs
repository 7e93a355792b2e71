import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';

/** Time for the tests to end after a signal. */
const END_MS = 20_000;

/**
 * Runs the tests of a configuration and returns their exit code. A signal to this process ends
 * them. All of their processes have ended when this returns.
 * @param options.within command that runs the tests' command
 */
export async function runVitest({ root, config, files = [], env = {}, within = [] }) {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const argv = [...within, process.execPath, vitest, 'run', '--config', join(root, config), ...files];
  const [command, ...args] = argv;
  const tests = spawn(command, args, {
    stdio: 'inherit',
    env: { ...process.env, ...env },
    detached: true,
  });
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
