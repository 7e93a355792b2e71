import { readFile, statfs } from 'node:fs/promises';
import { eventually, openStatusClient, startHub, WARNING_LEVEL } from '@booner/testkit';
import { expect, it } from 'vitest';

const GIB = 2 ** 30;

it("sends the guide's JSON with this machine's values, and mirrors the last broadcast", async () => {
  await using hub = await startHub({ env: { npm_lifecycle_event: 'start' } });
  using client = await openStatusClient(hub.url, { version: 1 });
  await eventually(() => client.latest()?.deployment_targets[0]?.status === 'active', {
    what: 'this machine to be among the targets',
  });
  const lastLines = [`Dashboard  ${hub.url}`, 'Ctrl-C stops'];
  await eventually(() => hub.lines.stdout.slice(-2).join() === lastLines.join(), {
    what: 'the address of the dashboard at the end of what npm start prints',
  });
  expect(hub.logs().filter(({ level }) => level >= WARNING_LEVEL)).toEqual([]);

  const latest = () => client.received.at(-1)!.text;
  const seen = client.received.length;
  const mirrored = await eventually(
    async () => {
      const before = latest();
      const text = await (await hub.get('/system/status')).text();
      return client.received.length > seen && [before, latest()].includes(text) ? text : null;
    },
    { everyMs: 300, what: 'the REST mirror to show the last broadcast' },
  );

  const status = JSON.parse(mirrored);
  expect(Object.keys(status)).toEqual(['main_server', 'deployment_targets']);
  expect(Object.keys(status.main_server)).toEqual(['cpu', 'gpu', 'ram', 'disk', 'status']);
  expect(status.deployment_targets.map(Object.keys)).toEqual([['host', 'status', 'load', 'specs']]);
  expect(status.main_server.status).toBe('active');

  const ram = usage(status.main_server.ram);
  const memory = await memoryInfo();
  expect(ram.total).toBe((memory.totalBytes / GIB).toFixed(2));
  expect(Math.abs(ram.percent - memory.usedPercent)).toBeLessThanOrEqual(10);

  const disk = usage(status.main_server.disk);
  const root = await statfs('/');
  expect(disk.total).toBe(((root.blocks * root.bsize) / GIB).toFixed(2));
  const usedBlocks = root.blocks - root.bfree;
  expect(Math.abs(disk.percent - (100 * usedBlocks) / (usedBlocks + root.bavail))).toBeLessThanOrEqual(2);

  const [, model, cores] =
    /^(.+) \((\d+) cores? @ (?:\d+\.\d\d GHz|Unknown), \d+% used\)$/.exec(status.main_server.cpu) ?? [];
  expect(await readFile('/proc/cpuinfo', 'utf8')).toContain(model!.split(' ')[0]);
  expect(Number(cores)).toBe(await physicalCores());
  expect(status.main_server.gpu).toMatch(
    /^(None|Unknown|.+ \((\d+GB|Unknown)\/(\d+GB|Unknown) @ (-?\d+°C|Unknown)\))$/,
  );

  const [target] = status.deployment_targets;
  expect(target.load).toBeGreaterThanOrEqual(0);
  expect(target.load).toBeLessThanOrEqual(1);
  expect(target.load).toBe(Math.round(target.load * 100) / 100);
  expect(target.specs).toMatch(
    new RegExp(`^${cores} cores?, ${Math.round(memory.totalBytes / GIB)} GB RAM(, |$)`),
  );
  expect(client.isOpen()).toBe(true);

  const version2 = JSON.parse(await (await hub.get('/system/status?version=2')).text());
  expect(version2.mainServer.host).toBe(target.host);
});

/** `32.00 GB (45% used)` */
function usage(text: string) {
  const [, total, percent] = /^(\d+\.\d\d) GB \((\d+)% used\)$/.exec(text) ?? [];
  return { total, percent: Number(percent) };
}

async function memoryInfo() {
  const text = await readFile('/proc/meminfo', 'utf8');
  const bytes = (field: string) => 1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
  const totalBytes = bytes('MemTotal');
  return { totalBytes, usedPercent: 100 * (1 - bytes('MemAvailable') / totalBytes) };
}

/**
 * Counts cores by socket and core number. A machine that does not report them counts as having one
 * core per processor.
 */
async function physicalCores(): Promise<number> {
  const text = await readFile('/proc/cpuinfo', 'utf8');
  const field = (processor: string, name: string) =>
    new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(processor)?.[1];
  const processors = text.split('\n\n').filter((processor) => field(processor, 'processor') !== undefined);
  const known = processors.filter((processor) => field(processor, 'core id') !== undefined);
  if (known.length === 0) return processors.length;
  return new Set(
    known.map((processor) => `${field(processor, 'physical id')} ${field(processor, 'core id')}`),
  ).size;
}
