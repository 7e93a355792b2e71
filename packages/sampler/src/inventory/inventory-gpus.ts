import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Inventory } from '@booner/protocol';
import { findGpus, type GpuPaths } from '../gpu/find-gpus.ts';
import { nvidiaQueryArguments, parseNvidiaRow } from '../gpu/nvidia-query.ts';
import { listFolder, readText } from '../gpu/sysfs-file.ts';

type InventoryGpus = Inventory['gpus'];
/**
 * A graphics controller as systeminformation lists it. `memoryTotal` is in MiB and only comes from
 * `nvidia-smi`.
 */
export type GraphicsController = {
  readonly vendor: string;
  readonly model: string;
  readonly memoryTotal?: number;
  readonly vram?: number | null;
  readonly vramDynamic?: boolean;
};

const NVIDIA_SMI_DEADLINE_MS = 10_000;
const MEBIBYTE = 2 ** 20;

/**
 * Finds the GPUs of a Linux host as the GPU sensor does. systeminformation is not used here: it
 * runs lspci, clinfo and xrandr, finds nothing without lspci, and takes a bus window for the memory
 * size.
 */
export async function listLinuxGpus(paths: GpuPaths = {}, nvidiaSmi = 'nvidia-smi'): Promise<InventoryGpus> {
  const { nvidia, nvidiaCount, others } = await findGpus(paths);
  const gpus = nvidia ? await listNvidiaGpus(nvidiaSmi, nvidiaCount, paths.procRoot ?? '/proc') : [];
  for (const { name, memoryTotalBytes } of others) gpus.push({ name, memoryTotalBytes });
  return gpus;
}

/**
 * Lists NVIDIA GPUs from `nvidia-smi` (names and memory), else from the driver's /proc (names),
 * else from the bus (their number).
 */
async function listNvidiaGpus(nvidiaSmi: string, count: number, procRoot: string): Promise<InventoryGpus> {
  const rows = (await askNvidiaSmi(nvidiaSmi)).split('\n').map(parseNvidiaRow);
  const gpus = rows.flatMap((row) =>
    row === null ? [] : [{ name: row.gpu.name, memoryTotalBytes: row.gpu.memoryTotalBytes }],
  );
  if (gpus.length > 0) return gpus;
  const folder = join(procRoot, 'driver/nvidia/gpus');
  for (const address of await listFolder(folder)) {
    const information = await readText(join(folder, address, 'information'));
    const name = /^Model:\s*(\S.*)$/m.exec(information ?? '')?.[1]?.trim() ?? 'NVIDIA GPU';
    gpus.push({ name, memoryTotalBytes: null });
  }
  if (gpus.length > 0) return gpus;
  return Array.from({ length: count }, () => ({ name: 'NVIDIA GPU', memoryTotalBytes: null }));
}

/**
 * Returns its output, also after a failure: a message has no rows. Empty if it is not installed.
 */
function askNvidiaSmi(command: string): Promise<string> {
  return new Promise((resolve) => {
    const options = { timeout: NVIDIA_SMI_DEADLINE_MS, killSignal: 'SIGKILL' } as const;
    execFile(command, nvidiaQueryArguments(), options, (_error, stdout) => resolve(stdout));
  });
}

/**
 * Returns the real GPUs among systeminformation's controllers, without management VGA (ASPEED,
 * Matrox) and virtual displays.
 */
export function selectGpus(controllers: readonly GraphicsController[]): InventoryGpus {
  return controllers
    .filter(({ vendor, model }) =>
      /nvidia|\bamd\b|advanced micro devices|\bati\b|intel|apple/i.test(`${vendor} ${model}`),
    )
    .map(({ vendor, model, memoryTotal, vram, vramDynamic }) => {
      // Shared memory does not belong to the GPU.
      const mebibytes = memoryTotal ?? (vramDynamic ? null : vram);
      return {
        name: (model.trim() || vendor.trim()).slice(0, 500),
        memoryTotalBytes: mebibytes && mebibytes > 0 ? mebibytes * MEBIBYTE : null,
      };
    });
}
