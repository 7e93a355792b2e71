import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { readText } from './sysfs-file.ts';

const VENDORS = {
  amd: { prefix: 'AMD', longPrefix: /^Advanced Micro Devices, Inc\.\s*(\[AMD(\/ATI)?\]\s*)?/ },
  intel: { prefix: 'Intel', longPrefix: /^Intel Corporation\s*/ },
  nvidia: { prefix: 'NVIDIA', longPrefix: /^NVIDIA Corporation\s*/ },
} as const;

export type GpuVendor = keyof typeof VENDORS;

/**
 * Lists of names that distributions install: `amdgpu.ids` of libdrm, `pci.ids` of the PCI ID
 * project.
 */
const AMDGPU_IDS = ['libdrm/amdgpu.ids'];
const PCI_IDS = ['misc/pci.ids', 'hwdata/pci.ids'];

/**
 * Returns the product name of a PCI GPU from its driver (`product_name`, on server cards), else
 * from the lists of names under `shareRoot`, else its ids, such as `AMD GPU 1002:73bf`. At most 256
 * characters.
 * @param device folder of the PCI device in /sys
 */
export async function readGpuName(device: string, vendor: GpuVendor, shareRoot: string): Promise<string> {
  const { prefix, longPrefix } = VENDORS[vendor];
  const vendorId = await readId(join(device, 'vendor'));
  const deviceId = await readId(join(device, 'device'));
  const name =
    (await readText(join(device, 'product_name'))) ??
    (await nameInAmdgpuIds(device, vendor, deviceId, shareRoot)) ??
    (await nameInPciIds(vendorId, deviceId, shareRoot));
  if (name === null) return `${prefix} GPU ${vendorId}:${deviceId}`;
  const short = name.replace(longPrefix, '');
  return (short.startsWith(prefix) ? short : `${prefix} ${short}`).slice(0, 256);
}

/** `0x1002` -> `1002`. */
async function readId(path: string): Promise<string> {
  return ((await readText(path)) ?? '????').replace(/^0x/, '').toLowerCase();
}

/** Lines such as `73BF,<tab>C1,<tab>AMD Radeon RX 6800 XT`: device, revision, name. */
async function nameInAmdgpuIds(
  device: string,
  vendor: GpuVendor,
  deviceId: string,
  shareRoot: string,
): Promise<string | null> {
  if (vendor !== 'amd') return null;
  const revision = await readId(join(device, 'revision'));
  const wanted = new RegExp(`^${deviceId},\\s*${revision},\\s*(.+)$`, 'i');
  for await (const line of linesOfFirst(AMDGPU_IDS, shareRoot)) {
    const name = wanted.exec(line)?.[1];
    if (name !== undefined) return name.trim();
  }
  return null;
}

/**
 * Lines such as `1002  Advanced …`, and below it
 * `<tab>73bf  Navi 21 [Radeon RX 6800/6800 XT / 6900 XT]`.
 */
async function nameInPciIds(vendorId: string, deviceId: string, shareRoot: string): Promise<string | null> {
  let inVendor = false;
  for await (const line of linesOfFirst(PCI_IDS, shareRoot)) {
    if (/^[0-9a-f]{4} /.test(line)) {
      if (inVendor) return null;
      inVendor = line.startsWith(`${vendorId} `);
    } else if (inVendor && line.startsWith(`\t${deviceId} `)) {
      const name = line.slice(deviceId.length + 1).trim();
      return /\[(.+)\]$/.exec(name)?.[1] ?? name;
    }
  }
  return null;
}

/** Yields the lines of the first file that exists, read in chunks: pci.ids has 1.5 MB. */
async function* linesOfFirst(candidates: readonly string[], root: string): AsyncGenerator<string> {
  for (const candidate of candidates) {
    const path = join(root, candidate);
    const file = await open(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'EACCES') return null;
      throw error;
    });
    if (file === null) continue;
    try {
      yield* file.readLines();
    } finally {
      await file.close();
    }
    return;
  }
}
