import { arch, hostname, platform, release, totalmem } from 'node:os';
import { type Inventory, inventorySchema } from '@booner/protocol';
import si from 'systeminformation';
import { readText } from '../gpu/sysfs-file.ts';
import { type CpuFacts, cpuFactsOfRuntime, cpuModelName, parseCpuInfo } from './cpu-facts.ts';
import { listLinuxGpus, selectGpus } from './inventory-gpus.ts';
import { countPhysicalCores, readBootId, readDistribution, readNominalClock } from './linux-facts.ts';
import { detectVirtualization } from './virtualization.ts';

/** The part of an {@link Inventory} that the collector finds out; the caller knows the rest. */
export type CollectedInventory = Omit<Inventory, 'label' | 'labels' | 'agentVersion'>;

const collectedSchema = inventorySchema.omit({ label: true, labels: true, agentVersion: true });
const linux = platform() === 'linux';

/**
 * Collects what rarely changes about this machine, checked against the schema. Meant for a process
 * of its own: it loads systeminformation and starts tools such as lscpu. On Linux the kernel's
 * files take precedence where they are more accurate.
 * @param hostRoot mount point of the host's root, if this runs in a container to describe the host
 */
export async function collectInventory(hostRoot?: string): Promise<CollectedInventory> {
  const [cpu, memory, gpus, name, virtualization] = await Promise.all([
    collectCpu(),
    si.mem(),
    linux ? listLinuxGpus() : si.graphics().then(({ controllers }) => selectGpus(controllers)),
    linux ? readDistribution() : nameSystem(),
    detectVirtualization({ readSystem: () => si.system(), hostRoot }),
  ]);
  return collectedSchema.parse({
    takenAtMs: Date.now(),
    hostname: hostname() || null,
    bootId: linux ? await readBootId() : null,
    cpu,
    memoryTotalBytes: positive(memory.total) ?? positive(totalmem()),
    gpus,
    os: { platform: platform(), name, kernel: release() || null, architecture: arch() },
    virtualization,
  });
}

async function collectCpu(): Promise<CpuFacts | null> {
  const found = await si.cpu();
  const runtime = cpuFactsOfRuntime();
  const logicalCores = runtime?.logicalCores ?? positive(found.cores);
  if (logicalCores === null) return null;
  return {
    // systeminformation rewrites `(R)` and removes the vendor, but it knows names that the kernel
    // lacks (Arm).
    model: runtime?.model ?? cpuModelName(known(`${known(found.manufacturer)} ${known(found.brand)}`)),
    physicalCores: (linux ? await countPhysicalCores() : null) ?? positive(found.physicalCores),
    logicalCores,
    // On Linux systeminformation may return the current clock.
    clockGigahertz: runtime?.clockGigahertz ?? (linux ? await readLinuxClock() : positive(found.speed)),
  };
}

async function readLinuxClock(): Promise<number | null> {
  const cpuInfo = await readText('/proc/cpuinfo');
  return (
    (await readNominalClock()) ?? (cpuInfo === null ? null : parseCpuInfo(cpuInfo)?.clockGigahertz) ?? null
  );
}

/** Returns a name such as `macOS 15.2` or `Microsoft Windows 11 Pro 10.0.26100`. */
async function nameSystem(): Promise<string | null> {
  const { distro, release: version } = await si.osInfo();
  return [known(distro), known(version)].filter(Boolean).join(' ') || null;
}

/** systeminformation returns `''`, `unknown` or `-` for unknown values. */
function known(text: string): string {
  return /^(unknown|-)?$/i.test(text.trim()) ? '' : text.trim();
}

function positive(value: number): number | null {
  return Number.isFinite(value) && value > 0 ? value : null;
}
