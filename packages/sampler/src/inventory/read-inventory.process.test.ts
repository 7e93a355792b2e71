import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, hostname, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inventorySchema } from '@booner/protocol';
import { expect, it, vi } from 'vitest';
import { createFakeNvidiaSmi, sayAndEnd } from '../testing/fake-nvidia-smi.ts';
import { listLinuxGpus } from './inventory-gpus.ts';
import { readDistribution } from './linux-facts.ts';
import { type ReadInventoryOptions, readInventory } from './read-inventory.ts';

const WAIT = { timeout: 15_000, interval: 20 };

/** A program that stands in for the collector. */
async function createCollector(body: string) {
  const folder = await mkdtemp(join(tmpdir(), 'collector-'));
  const path = join(folder, 'collector.mjs');
  await writeFile(path, body);
  return {
    folder,
    collector: [path, folder],
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

async function read(options: Partial<ReadInventoryOptions> = {}) {
  const reasons: string[] = [];
  const inventory = await readInventory({
    label: 'Build host',
    labels: { role: 'build' },
    agentVersion: '1.2.3',
    signal: new AbortController().signal,
    onFallback: (reason) => reasons.push(reason),
    ...options,
  });
  return { inventory: inventorySchema.parse(inventory), reasons };
}

it('reads the inventory of this machine', async () => {
  const before = Date.now();
  const { inventory, reasons } = await read();
  expect(reasons).toEqual([]);
  expect(inventory.takenAtMs).toBeGreaterThanOrEqual(before);
  expect(inventory.takenAtMs).toBeLessThanOrEqual(Date.now());
  expect(inventory).toMatchObject({
    hostname: hostname(),
    cpu: { logicalCores: cpus().length },
    memoryTotalBytes: totalmem(),
    os: { platform: process.platform, architecture: process.arch },
    label: 'Build host',
    labels: { role: 'build' },
    agentVersion: '1.2.3',
  });
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => null);
  expect(inventory.bootId).toBe(bootId?.trim() ?? null);
  expect(inventory.cpu?.model).not.toMatch(/@|GHz/);
  expect(inventory.os.name).not.toBeNull();
});

it('loads neither systeminformation nor zod into the process that asks', async () => {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    const { readInventory } = await import(${JSON.stringify(join(import.meta.dirname, 'read-inventory.ts'))});
    const inventory = await readInventory({ label: null, labels: {}, agentVersion: '1', signal: new AbortController().signal });
    console.log(JSON.stringify({ loaded, hostname: inventory.hostname }));
  `;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { timeout: 30_000 });
  const { loaded, hostname: name } = JSON.parse(stdout) as { loaded: string[]; hostname: string };
  expect(name).toBe(hostname());
  expect(loaded.some((url) => url.endsWith('/read-inventory.ts'))).toBe(true);
  expect(loaded.filter((url) => url.includes('node_modules'))).toEqual([]);
  expect(loaded.filter((url) => url.includes('/protocol/'))).toEqual([]);
});

it.each([
  ["throw new TypeError('no such tool')", 'the collector ended (exit code 1): TypeError: no such tool'],
  ["console.log('{}')", 'the collector printed no inventory'],
  ["console.log('not JSON')", 'the collector printed no inventory'],
  ["process.stdout.write('x'.repeat(3_000_000))", 'the collector printed more than 1 MiB'],
  ["process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000)", 'the collector ended (SIGKILL)'],
])('falls back to what Node.js knows when the collector does %s', async (body, reason) => {
  await using program = await createCollector(body);
  const { inventory, reasons } = await read({ collector: program.collector });
  expect(reasons).toEqual([reason]);
  expect(inventory.hostname).toBe(hostname());
  expect(inventory.cpu?.logicalCores).toBe(cpus().length);
  expect(inventory.memoryTotalBytes).toBe(totalmem());
  expect(inventory.gpus).toEqual(await listLinuxGpus());
  expect(inventory.os.name).toBe(await readDistribution());
  expect(inventory.label).toBe('Build host');
});

it("passes the mount point of the host's root to the collector", async () => {
  await using program = await createCollector('throw new TypeError(process.argv.at(-1))');
  const { reasons } = await read({ collector: program.collector, hostRoot: '/host' });
  expect(reasons).toEqual(['the collector ended (exit code 1): TypeError: /host']);
});

it('kills a collector that takes too long, and the tool that it waits for', async () => {
  await using program = await createCollector(`
    import { spawn } from 'node:child_process';
    import { writeFileSync } from 'node:fs';
    const tool = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    writeFileSync(process.argv[2] + '/pids', process.pid + ' ' + tool.pid);
  `);
  const { reasons } = await read({ collector: program.collector, deadlineMs: 1500 });
  expect(reasons).toEqual(['the collector took longer than 1500 ms']);
  const pids = (await readFile(join(program.folder, 'pids'), 'utf8')).split(' ').map(Number);
  expect(pids).toHaveLength(2);
  for (const pid of pids) await vi.waitFor(async () => expect(await stateOf(pid)).toMatch(/^[ZX]?$/), WAIT);
});

it('rejects with the reason of the signal, and does not fall back', async () => {
  await using program = await createCollector('setInterval(() => {}, 1000)');
  const abort = new AbortController();
  const reading = read({ collector: program.collector, signal: abort.signal });
  abort.abort(new Error('the agent stops'));
  await expect(reading).rejects.toThrow('the agent stops');
  await expect(read({ signal: abort.signal })).rejects.toThrow('the agent stops');
});

it('asks nvidia-smi once for names and memory, and the driver when that fails', async () => {
  const root = join(import.meta.dirname, '__fixtures__/nvidia');
  const paths = { sysRoot: join(root, 'sys'), procRoot: join(root, 'proc'), devRoot: join(root, 'dev') };
  await using answering = await createFakeNvidiaSmi(
    sayAndEnd('1, 0, NVIDIA GeForce RTX 3080, 12, 10240, 8192, 65, 120.00\n', 0),
  );
  expect(await listLinuxGpus(paths, answering.command)).toEqual([
    { name: 'NVIDIA GeForce RTX 3080', memoryTotalBytes: 10 * 2 ** 30 },
  ]);
  expect((await answering.starts())[0]?.args.join(' ')).not.toContain('loop');
  await using failing = await createFakeNvidiaSmi(
    sayAndEnd('Failed to initialize NVML: Unknown Error\n', 255),
  );
  expect(await listLinuxGpus(paths, failing.command)).toEqual([
    { name: 'NVIDIA GeForce RTX 3080', memoryTotalBytes: null },
  ]);
});

/**
 * The state letter of a process in /proc; empty when it is gone. `Z` waits to be reaped by its
 * parent.
 */
async function stateOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).charAt(0);
}
