import { access, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { readGpuName } from './gpu-name.ts';
import { linkName, listFolder, readInteger, readText } from './sysfs-file.ts';

/** Folders of the kernel and the distribution. Tests point these at recorded trees. */
export type GpuPaths = {
  /** Default `/sys`. */
  readonly sysRoot?: string;
  /** Default `/proc`. */
  readonly procRoot?: string;
  /** Default `/dev`. */
  readonly devRoot?: string;
  /** Holds lists of product names; default `/usr/share`. */
  readonly shareRoot?: string;
};

/** A GPU whose metrics are files in /sys. */
export type SysfsGpu = {
  readonly vendor: 'amd' | 'intel';
  readonly name: string;
  /** Folder of the PCI device. */
  readonly device: string;
  /** Folder of its hardware monitor; `null` without one. */
  readonly hwmon: string | null;
  readonly memoryTotalBytes: number | null;
};

export type FoundGpus = {
  /**
   * True if NVIDIA's driver or an NVIDIA GPU is present, so that running `nvidia-smi` makes sense.
   */
  readonly nvidia: boolean;
  /** NVIDIA GPUs on the PCI bus that this system may use; 0 when the bus cannot be seen. */
  readonly nvidiaCount: number;
  readonly others: readonly SysfsGpu[];
};

const AMD = '0x1002';
const INTEL = '0x8086';
const NVIDIA = '0x10de';
/** PCI base class 03, display controller: VGA, 3D and others. */
const DISPLAY_CLASS = /^0x03/;
/** Drivers that reserve a GPU for a virtual machine, so this system must not report it. */
const PASSED_THROUGH = new Set(['vfio-pci', 'pci-stub', 'xen-pciback']);

/**
 * Finds the GPUs of this machine by reading a few files; spawns nothing. Virtual and management VGA
 * does not count.
 */
export async function findGpus({
  sysRoot = '/sys',
  procRoot = '/proc',
  devRoot = '/dev',
  shareRoot = '/usr/share',
}: GpuPaths = {}): Promise<FoundGpus> {
  const nvidiaCount = await countNvidia(join(sysRoot, 'bus/pci/devices'));
  const driver =
    (await exists(join(devRoot, 'nvidiactl'))) || (await exists(join(procRoot, 'driver/nvidia')));
  return {
    nvidia: driver || nvidiaCount > 0,
    nvidiaCount,
    others: await findSysfsGpus(join(sysRoot, 'class/drm'), shareRoot),
  };
}

async function countNvidia(bus: string): Promise<number> {
  let count = 0;
  for (const name of await listFolder(bus)) {
    const device = join(bus, name);
    if ((await readText(join(device, 'vendor'))) !== NVIDIA) continue;
    if (!DISPLAY_CLASS.test((await readText(join(device, 'class'))) ?? '')) continue;
    if (!PASSED_THROUGH.has((await linkName(join(device, 'driver'))) ?? '')) count += 1;
  }
  return count;
}

async function findSysfsGpus(drm: string, shareRoot: string): Promise<SysfsGpu[]> {
  const cards = (await listFolder(drm)).filter((name) => /^card\d+$/.test(name));
  cards.sort((a, b) => Number(a.slice(4)) - Number(b.slice(4)));
  const seen = new Set<string>();
  const gpus: SysfsGpu[] = [];
  for (const card of cards) {
    const device = join(drm, card, 'device');
    const vendorId = await readText(join(device, 'vendor'));
    if (vendorId !== AMD && vendorId !== INTEL) continue;
    const place = await realpath(device);
    if (seen.has(place)) continue;
    seen.add(place);
    const vendor = vendorId === AMD ? 'amd' : 'intel';
    gpus.push({
      vendor,
      name: await readGpuName(device, vendor, shareRoot),
      device,
      hwmon: await findHwmon(device),
      memoryTotalBytes: await readMemoryTotal(device),
    });
  }
  return gpus;
}

async function findHwmon(device: string): Promise<string | null> {
  const [first] = await listFolder(join(device, 'hwmon'));
  return first === undefined ? null : join(device, 'hwmon', first);
}

/**
 * Memory is listed per card by amdgpu, per tile by xe, and beside `device` by i915. An integrated
 * Intel GPU has none of its own.
 */
async function readMemoryTotal(device: string): Promise<number | null> {
  const whole =
    (await readInteger(join(device, 'mem_info_vram_total'))) ??
    (await readInteger(join(device, '../lmem_total_bytes')));
  if (whole !== null) return whole > 0 ? whole : null;
  let bytes = 0;
  for (const name of await listFolder(device)) {
    if (/^tile\d+$/.test(name))
      bytes += (await readInteger(join(device, name, 'physical_vram_size_bytes'))) ?? 0;
  }
  return bytes > 0 ? bytes : null;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
