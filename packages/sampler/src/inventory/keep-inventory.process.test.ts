import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, hostname, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Inventory, inventorySchema } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { expect, it } from 'vitest';
import { keepInventory } from './keep-inventory.ts';

const DEADLINE_MS = 60_000;
/** Says nothing before a file is there. */
const SLOW_COLLECTOR = `
  import { existsSync } from 'node:fs';
  setInterval(() => {
    if (!existsSync(process.argv[2])) return;
    process.stdout.write(JSON.stringify({ takenAtMs: 1, hostname: 'from the collector', os: {} }));
    process.exit(0);
  }, 20);
`;

it('describes the host briefly while the collector takes its time, and then as a whole', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'booner-inventory-'));
  const stop = new AbortController();
  try {
    const [program, flag] = [join(directory, 'collector.mjs'), join(directory, 'go')];
    await writeFile(program, SLOW_COLLECTOR);
    const inventories: Inventory[] = [];
    const complaints: unknown[] = [];
    const complain = (...complaint: unknown[]) => void complaints.push(complaint);
    const keeping = keepInventory(
      {
        label: 'Build host',
        labels: { role: 'build' },
        version: '1.2.3',
        logger: { debug: complain, info: complain, warn: complain, error: complain },
        onInventory: (inventory) => void inventories.push(inventory),
        collector: [program, flag],
      },
      { signal: stop.signal },
    );
    await eventually(() => inventories.length === 1, {
      deadlineMs: DEADLINE_MS,
      what: 'the brief inventory',
    });
    expect(inventorySchema.parse(inventories[0])).toMatchObject({
      label: 'Build host',
      labels: { role: 'build' },
      agentVersion: '1.2.3',
      hostname: hostname(),
      cpu: { logicalCores: cpus().length },
      memoryTotalBytes: totalmem(),
      gpus: [],
    });
    await writeFile(flag, '');
    await eventually(() => inventories.length === 2, {
      deadlineMs: DEADLINE_MS,
      what: 'the whole inventory',
    });
    expect(inventories[1]).toMatchObject({ label: 'Build host', hostname: 'from the collector' });
    expect(complaints).toEqual([]);
    stop.abort();
    await keeping;
  } finally {
    stop.abort();
    await rm(directory, { recursive: true });
  }
});
