import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { cpuBetweenNs, memoryUsage, openFileLimit, readCpu, readTreeCpu } from './process-usage.ts';

/**
 * Runs a script until it is disposed; resolves with its first line of output. `ask` sends a line
 * and waits for one.
 */
async function startScript(script: string) {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const nextLine = async () => String((await lines.next()).value);
  return {
    pid: child.pid ?? Number.NaN,
    line: await nextLine(),
    ask() {
      child.stdin.write('\n');
      return nextLine();
    },
    async [Symbol.asyncDispose]() {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

const BURN = `
  const burnUs = (us) => { const from = process.cpuUsage(); for (;;) { const { user, system } = process.cpuUsage(from); if (user + system >= us) return; } };
`;

const NOTHING = { livingThreadsNs: 0, allThreadsNs: 0, endedChildrenNs: 0 };

test('the CPU time of a process that burned 300 ms contains them', async () => {
  await using busy = await startScript(`${BURN}
    burnUs(300_000);
    console.log(JSON.stringify(process.cpuUsage()));
    process.stdin.resume();
  `);
  const own = JSON.parse(busy.line) as NodeJS.CpuUsage;
  const measuredMs = cpuBetweenNs(NOTHING, readCpu(busy.pid)) / 1e6;
  expect(measuredMs).toBeGreaterThanOrEqual(300);
  // It agrees with the process's own reading, except for what it used after that.
  expect(measuredMs - (own.user + own.system) / 1e3).toBeLessThan(1000);
});

test('less than a tick is seen, also after a thread has ended', async () => {
  await using process = await startScript(`${BURN}
    const { Worker } = require('node:worker_threads');
    const worker = new Worker(${JSON.stringify(`${BURN} burnUs(100_000);`)}, { eval: true });
    worker.once('exit', () => console.log('ready'));
    process.stdin.on('data', () => { burnUs(4000); console.log('burned'); });
  `);
  await process.ask(); // compiles what is measured next
  const before = readCpu(process.pid);
  expect(before.allThreadsNs).toBeGreaterThan(before.livingThreadsNs);
  await process.ask();
  const usedMs = cpuBetweenNs(before, readCpu(process.pid)) / 1e6;
  expect(usedMs).toBeGreaterThan(3.9);
  expect(usedMs).toBeLessThan(1000);
});

test('a thread that ends between two readings is missing by no more than a tick', async () => {
  await using process = await startScript(`${BURN}
    const { Worker } = require('node:worker_threads');
    const worker = new Worker(
      ${JSON.stringify(`${BURN} require('node:worker_threads').parentPort.once('message', () => burnUs(200_000));`)},
      { eval: true },
    );
    worker.once('online', () => console.log('ready'));
    process.stdin.once('data', () => {
      worker.once('exit', () => console.log('ended'));
      worker.postMessage('burn');
    });
  `);
  const before = readCpu(process.pid);
  await process.ask();
  // A tick is 10 ms, and both readings may lose one.
  expect(cpuBetweenNs(before, readCpu(process.pid)) / 1e6).toBeGreaterThanOrEqual(180);
});

test('the CPU time of a tree counts a living child and one that has ended', async () => {
  await using parent = await startScript(`
    const { spawn, spawnSync } = require('node:child_process');
    const burn = ${JSON.stringify(`${BURN} burnUs(200_000);`)};
    spawnSync(process.execPath, ['-e', burn]);
    const living = spawn(process.execPath, ['-e', burn + 'console.log("burned"); process.stdin.resume();'], { stdio: ['pipe', 'pipe', 'inherit'] });
    living.stdout.once('data', () => console.log('ready'));
  `);
  const tree = readTreeCpu(parent.pid);
  const own = readCpu(parent.pid);
  expect((tree.livingThreadsNs - own.livingThreadsNs) / 1e6).toBeGreaterThanOrEqual(200);
  expect(tree.endedChildrenNs / 1e6).toBeGreaterThanOrEqual(190);
});

test('the memory of a process grows with what it allocates', async () => {
  await using small = await startScript(`console.log('ready'); setInterval(() => {}, 1e6);`);
  await using large = await startScript(
    `globalThis.held = Buffer.alloc(64 * 2 ** 20, 1); console.log('ready'); setInterval(() => {}, 1e6);`,
  );
  const [smallMemory, largeMemory] = [memoryUsage(small.pid), memoryUsage(large.pid)];
  expect(largeMemory.rssBytes - smallMemory.rssBytes).toBeGreaterThan(55 * 2 ** 20);
  expect(largeMemory.anonymousBytes - smallMemory.anonymousBytes).toBeGreaterThan(55 * 2 ** 20);
  expect(largeMemory.peakRssBytes).toBeGreaterThanOrEqual(largeMemory.rssBytes);
});

test('a process that has ended is an error, not a zero', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  expect(() => readCpu(child.pid ?? Number.NaN)).toThrow();
  expect(() => memoryUsage(child.pid ?? Number.NaN)).toThrow();
});

test('the limit of open files is that of the process', () => {
  expect(openFileLimit(process.pid)).toBeGreaterThanOrEqual(256);
});
