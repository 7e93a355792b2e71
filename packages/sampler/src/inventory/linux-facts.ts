import { join } from 'node:path';
import { listFolder, readInteger, readText } from '../gpu/sysfs-file.ts';

/**
 * Returns the name of the distribution from /etc/os-release or its fallback (os-release(5)), such
 * as `Debian GNU/Linux 12 (bookworm)`.
 */
export async function readDistribution(root = '/'): Promise<string | null> {
  const text =
    (await readText(join(root, 'etc/os-release'))) ?? (await readText(join(root, 'usr/lib/os-release')));
  return text === null ? null : parseDistribution(text);
}

/** Returns the id that the kernel draws when it boots. All its containers have the same. */
export const readBootId = (root = '/'): Promise<string | null> =>
  readText(join(root, 'proc/sys/kernel/random/boot_id'));

/** Reads the lines `NAME=value` of os-release(5), where a value may stand in quotes. */
export function parseDistribution(osRelease: string): string | null {
  const field = (key: string) =>
    new RegExp(`^${key}=(["']?)(.*)\\1\\s*$`, 'm').exec(osRelease)?.[2]?.replace(/\\(.)/g, '$1');
  return field('PRETTY_NAME') || field('NAME') || null;
}

/**
 * Counts physical cores in /sys: processors that share a core list the same siblings. Right for
 * several sockets, for hybrid CPUs and where /proc/cpuinfo has no core ids (Arm). Processors that
 * are offline list none.
 */
export async function countPhysicalCores(root = '/'): Promise<number | null> {
  const folder = join(root, 'sys/devices/system/cpu');
  const cores = new Set<string>();
  for (const name of await listFolder(folder)) {
    if (!/^cpu\d+$/.test(name)) continue;
    const topology = join(folder, name, 'topology');
    const siblings =
      (await readText(join(topology, 'core_cpus_list'))) ??
      (await readText(join(topology, 'thread_siblings_list'))); // before Linux 5.3
    if (siblings !== null) cores.add(siblings);
  }
  return cores.size > 0 ? cores.size : null;
}

/**
 * Returns the nominal clock from the kernel's frequency drivers: `base_frequency` in kHz
 * (intel_pstate), CPPC's `nominal_freq` in MHz, else the maximum frequency in kHz of drivers that
 * exclude boost from it (Arm boards, acpi-cpufreq).
 */
export async function readNominalClock(root = '/'): Promise<number | null> {
  const cpu = join(root, 'sys/devices/system/cpu/cpu0');
  const kilohertz = await readInteger(join(cpu, 'cpufreq/base_frequency'));
  if (kilohertz !== null && kilohertz > 0) return kilohertz / 1e6;
  const megahertz = await readInteger(join(cpu, 'acpi_cppc/nominal_freq'));
  if (megahertz !== null && megahertz > 0) return megahertz / 1e3;
  if (/pstate/.test((await readText(join(cpu, 'cpufreq/scaling_driver'))) ?? '')) return null;
  const highest = await readInteger(join(cpu, 'cpufreq/cpuinfo_max_freq'));
  return highest !== null && highest > 0 ? highest / 1e6 : null;
}
