import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listLinuxGpus, selectGpus } from './inventory-gpus.ts';

const gpuHost = (name: string) => {
  const root = join(import.meta.dirname, '../gpu/__fixtures__');
  return {
    sysRoot: join(root, name, 'sys'),
    procRoot: join(root, name, 'proc'),
    devRoot: join(root, name, 'dev'),
    shareRoot: join(root, 'share'),
  };
};

it('names the GPUs of a Linux host with their memory', async () => {
  expect(await listLinuxGpus(gpuHost('intel-desktop'))).toEqual([
    { name: 'Intel UHD Graphics 630', memoryTotalBytes: null },
    { name: 'Intel Arc B580', memoryTotalBytes: 12884901888 },
  ]);
  expect(await listLinuxGpus(gpuHost('virtual-machine'))).toEqual([]);
});

it('keeps to real GPUs among the controllers of a server', () => {
  expect(
    selectGpus([
      { vendor: 'ASPEED Technology, Inc.', model: 'ASPEED Graphics Family', vram: 16 },
      { vendor: 'Matrox Electronics Systems Ltd.', model: 'G200eW3 Graphics Controller', vram: 16 },
      { vendor: 'Red Hat, Inc.', model: 'Virtio 1.0 GPU', vram: null },
      { vendor: 'VMware', model: 'SVGA II Adapter', vram: 128 },
      { vendor: 'Microsoft Corporation', model: 'Microsoft Basic Display Adapter', vram: 0 },
      { vendor: 'NVIDIA', model: 'NVIDIA GeForce RTX 3080', vram: 4095, memoryTotal: 10240 },
      { vendor: 'Advanced Micro Devices, Inc.', model: 'AMD Radeon RX 6800 XT', vram: 16384 },
      { vendor: 'Intel Corporation', model: 'Intel(R) UHD Graphics 630', vram: 1024, vramDynamic: true },
      { vendor: 'Apple', model: 'Apple M2', vram: null },
    ]),
  ).toEqual([
    { name: 'NVIDIA GeForce RTX 3080', memoryTotalBytes: 10 * 2 ** 30 },
    { name: 'AMD Radeon RX 6800 XT', memoryTotalBytes: 16 * 2 ** 30 },
    { name: 'Intel(R) UHD Graphics 630', memoryTotalBytes: null },
    { name: 'Apple M2', memoryTotalBytes: null },
  ]);
});
