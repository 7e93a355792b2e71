import { describe, expect, it } from 'vitest';
import type { HostId } from './host-id.ts';
import type { Inventory } from './inventory.ts';
import type { Measurements } from './measurements.ts';
import {
  cpuText,
  deploymentTarget,
  diskText,
  gpuText,
  inventoryText,
  mainServerTexts,
  ramText,
} from './status-texts.ts';

const GIB = 2 ** 30;
const inventory = {
  cpu: { model: 'Intel(R) Core(TM) i7-10700K', physicalCores: 8, logicalCores: 16, clockGigahertz: 3.8 },
  memoryTotalBytes: 32 * GIB,
  gpus: [{ name: 'NVIDIA RTX 3050', memoryTotalBytes: 8 * GIB }],
} as Inventory;
const measurements = {
  cpu: { usageRatio: 0.2249 },
  memory: { totalBytes: 32 * GIB, usedBytes: 0.45 * 32 * GIB },
  fileSystems: [
    { mountPoint: '/home', totalBytes: 1 * GIB, usedBytes: 0, availableBytes: 1 * GIB },
    // Blocks are reserved for root: 340 of the 500 usable ones.
    { mountPoint: '/', totalBytes: 512 * GIB, usedBytes: 340 * GIB, availableBytes: 160 * GIB },
  ],
  gpus: [
    {
      name: 'NVIDIA GeForce RTX 3080',
      memoryUsedBytes: 8 * GIB,
      memoryTotalBytes: 10 * GIB,
      temperatureCelsius: 65,
    },
  ],
} as Measurements;

describe('the texts of version 1', () => {
  it("are those of the guide's example", () => {
    expect(cpuText(inventory, measurements)).toBe(
      'Intel(R) Core(TM) i7-10700K (8 cores @ 3.80 GHz, 22% used)',
    );
    expect(gpuText(inventory, measurements)).toBe('NVIDIA GeForce RTX 3080 (8GB/10GB @ 65°C)');
    expect(ramText(measurements)).toBe('32.00 GB (45% used)');
    expect(diskText(measurements)).toBe('512.00 GB (68% used)');
    expect(inventoryText(inventory)).toBe('8 cores, 32 GB RAM, NVIDIA RTX 3050');
  });

  it('are put together as version 1 has them, the load with two decimals', () => {
    expect(mainServerTexts({ inventory, measurements: { ...measurements, sampledAtMs: 0 } })).toEqual({
      cpu: 'Intel(R) Core(TM) i7-10700K (8 cores @ 3.80 GHz, 22% used)',
      gpu: 'NVIDIA GeForce RTX 3080 (8GB/10GB @ 65°C)',
      ram: '32.00 GB (45% used)',
      disk: '512.00 GB (68% used)',
      status: 'active',
    });
    const target = {
      host: '10.0.0.2' as HostId,
      status: 'active' as const,
      cpuUsageRatio: 0.29876,
      specs: 'Standard deployment target',
      conflictingInstances: null,
    };
    expect(deploymentTarget(target)).toEqual({
      host: '10.0.0.2',
      status: 'active',
      load: 0.3,
      specs: 'Standard deployment target',
    });
    expect(deploymentTarget({ ...target, status: 'pending', cpuUsageRatio: null }).load).toBeNull();
    expect(deploymentTarget({ ...target, conflictingInstances: ['a', 'b'] }).specs).toBe(
      'Standard deployment target (2 agents claim this host id)',
    );
  });

  it('say Unknown in the place of what could not be read, and never 0', () => {
    expect(cpuText(null, null)).toBe('Unknown (Unknown cores @ Unknown, Unknown used)');
    expect(cpuText({ ...inventory, cpu: { ...inventory.cpu!, clockGigahertz: null } }, null)).toBe(
      'Intel(R) Core(TM) i7-10700K (8 cores @ Unknown, Unknown used)',
    );
    expect(ramText(null)).toBe('Unknown');
    expect(diskText({ ...measurements, fileSystems: null })).toBe('Unknown');
    const hung = { mountPoint: '/', totalBytes: null, usedBytes: null, availableBytes: null } as NonNullable<
      Measurements['fileSystems']
    >[number];
    expect(diskText({ ...measurements, fileSystems: [hung] })).toBe('Unknown');
    expect(inventoryText(null)).toBe('Unknown');
  });

  it('name every GPU, none as None, and one that cannot be read by its inventory', () => {
    const gpu = measurements.gpus![0]!;
    const unread = { ...gpu, memoryUsedBytes: null, temperatureCelsius: null };
    expect(gpuText(inventory, { ...measurements, gpus: [gpu, unread] })).toBe(
      'NVIDIA GeForce RTX 3080 (8GB/10GB @ 65°C), NVIDIA GeForce RTX 3080 (Unknown/10GB @ Unknown)',
    );
    expect(gpuText(inventory, { ...measurements, gpus: [] })).toBe('None');
    expect(gpuText(inventory, { ...measurements, gpus: null })).toBe(
      'NVIDIA RTX 3050 (Unknown/8GB @ Unknown)',
    );
  });
});
