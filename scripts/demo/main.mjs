// Runs the demo: a Redis, a hub, agents, runners and simulated hosts, until Ctrl-C.
//   npm run demo           at http://127.0.0.1:8000, or on another port if that one is in use
//   PORT=9000 npm run demo
//
// The demo runs in a process group of its own, so that Ctrl-C reaches only this process. It ends in
// order when its channel to this process closes, which also happens if this process is killed.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** Time for the demo to end. Afterwards, or after a second signal, its processes are killed. */
const END_MS = 20_000;

const directory = await mkdtemp(join(tmpdir(), 'booner-demo-'));
const demo = fork(join(import.meta.dirname, 'run-demo.mjs'), {
  detached: true,
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  env: { ...process.env, TMPDIR: directory },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);

const [code] = await once(demo, 'exit');
killGroup();
await rm(directory, { recursive: true, force: true });
process.exit(code ?? 1);

function stop() {
  if (!demo.connected) return killGroup();
  demo.disconnect();
  setTimeout(killGroup, END_MS).unref();
}

/** Kills the demo and all processes that it started. */
function killGroup() {
  try {
    process.kill(-demo.pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error; // all have ended
  }
}
