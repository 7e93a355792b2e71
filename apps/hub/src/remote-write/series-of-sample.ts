import type { Measurements } from '@booner/protocol';
import { FIGURES } from '@booner/protocol/figures';
import { NOTHING_MEASURED } from '@booner/protocol/nothing-measured';

/** One value of a host, without the labels that all series of the host have. */
export type SeriesValue = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

/** Unknown values, and parts that an older agent does not send, are left out. */
type Amount = number | null | undefined;

/**
 * Returns the values of a sample. Names and labels are those of node_exporter where it has the same
 * figure. Samples hold rates, not counters, so its counters have no counterpart: such figures have
 * names of their own that begin with `booner_`. `docs/scale.md` lists all.
 */
export function seriesOfSample(sample: Partial<Measurements>): readonly SeriesValue[] {
  const series: SeriesValue[] = [];
  const add = (name: string, value: Amount, labels: SeriesValue['labels'] = {}) => {
    if (value !== null && value !== undefined && Number.isFinite(value)) series.push({ name, labels, value });
  };
  add('booner_up', 1);
  add('booner_uptime_seconds', sample.uptimeSeconds);
  addCpu(sample, add);
  addMemory(sample, add);
  addFileSystems(sample, add);
  addDisks(sample, add);
  addNetwork(sample, add);
  addTemperatures(sample, add);
  addPressure(sample, add);
  addGpus(sample, add);
  add('node_procs_running', sample.processes?.running);
  add('node_procs_blocked', sample.processes?.blocked);
  add('node_processes_pids', sample.processes?.total);
  const { cgroup } = sample;
  addTotals(sample, add);
  add('booner_cgroup_cpu_limit_cores', cgroup?.cpuLimitCores);
  add('booner_cgroup_cpu_usage_cores', cgroup?.cpuUsageCores);
  add('booner_cgroup_memory_limit_bytes', cgroup?.memoryLimitBytes);
  add('booner_cgroup_memory_used_bytes', cgroup?.memoryUsedBytes);
  add('booner_cgroup_process_limit', cgroup?.processLimit);
  add('booner_cgroup_processes', cgroup?.processCount);
  return series;
}

type Add = (name: string, value: Amount, labels?: SeriesValue['labels']) => void;
type Part = Partial<Measurements>;

/** Figures of the whole host that node_exporter leaves to queries; charts of the hub read them. */
function addTotals(sample: Part, add: Add): void {
  const { memory, disks, network } = sample;
  const whole = { ...NOTHING_MEASURED, ...sample };
  add('booner_memory_usage_ratio', memory ? memory.usedBytes / memory.totalBytes : null);
  add('booner_disk_usage_ratio', FIGURES.diskUsageRatio.read(whole));
  add('booner_disks_read_bytes_per_second', disks?.readBytesPerSecond);
  add('booner_disks_written_bytes_per_second', disks?.writtenBytesPerSecond);
  add('booner_disks_reads_per_second', disks?.readsPerSecond);
  add('booner_disks_writes_per_second', disks?.writesPerSecond);
  add('booner_networks_received_bytes_per_second', network?.receivedBytesPerSecond);
  add('booner_networks_sent_bytes_per_second', network?.sentBytesPerSecond);
  add('booner_temperature_celsius', FIGURES.temperatureCelsius.read(whole));
  add('booner_gpus_usage_ratio', FIGURES.gpuUsageRatio.read(whole));
  add('booner_gpus_memory_used_bytes', FIGURES.gpuMemoryUsedBytes.read(whole));
}

function addCpu({ cpu, loadAverage }: Part, add: Add): void {
  add('booner_cpu_usage_ratio', cpu?.usageRatio);
  add('booner_cpu_user_ratio', cpu?.userRatio);
  add('booner_cpu_system_ratio', cpu?.systemRatio);
  add('booner_cpu_iowait_ratio', cpu?.iowaitRatio);
  add('booner_cpu_steal_ratio', cpu?.stealRatio);
  for (const { core, usageRatio } of cpu?.cores ?? [])
    add('booner_cpu_core_usage_ratio', usageRatio, { cpu: `${core}` });
  add('node_load1', loadAverage?.last1Minute);
  add('node_load5', loadAverage?.last5Minutes);
  add('node_load15', loadAverage?.last15Minutes);
}

function addMemory({ memory, swap }: Part, add: Add): void {
  add('node_memory_MemTotal_bytes', memory?.totalBytes);
  add('node_memory_MemAvailable_bytes', memory?.availableBytes);
  add('node_memory_Buffers_bytes', memory?.buffersBytes);
  add('node_memory_Cached_bytes', memory?.cachedBytes);
  add('node_memory_SwapTotal_bytes', swap?.totalBytes);
  add('node_memory_SwapFree_bytes', difference(swap?.totalBytes, swap?.usedBytes));
}

function addFileSystems({ fileSystems }: Part, add: Add): void {
  for (const { mountPoint: mountpoint, device, type: fstype, ...of } of fileSystems ?? []) {
    const labels = { device, fstype, mountpoint };
    add('node_filesystem_size_bytes', of.totalBytes, labels);
    add('node_filesystem_free_bytes', difference(of.totalBytes, of.usedBytes), labels);
    add('node_filesystem_avail_bytes', of.availableBytes, labels);
    add('node_filesystem_files', of.inodesTotal, labels);
    add('node_filesystem_files_free', difference(of.inodesTotal, of.inodesUsed), labels);
    add('node_filesystem_device_error', of.unavailable === undefined ? 0 : 1, labels);
  }
}

function addDisks({ disks }: Part, add: Add): void {
  for (const { device, ...of } of disks?.devices ?? []) {
    add('booner_disk_read_bytes_per_second', of.readBytesPerSecond, { device });
    add('booner_disk_written_bytes_per_second', of.writtenBytesPerSecond, { device });
    add('booner_disk_reads_per_second', of.readsPerSecond, { device });
    add('booner_disk_writes_per_second', of.writesPerSecond, { device });
    add('booner_disk_busy_ratio', of.busyRatio, { device });
  }
}

function addNetwork({ network }: Part, add: Add): void {
  for (const { interface: device, ...of } of network?.interfaces ?? []) {
    add('booner_network_received_bytes_per_second', of.receivedBytesPerSecond, { device });
    add('booner_network_sent_bytes_per_second', of.sentBytesPerSecond, { device });
    add('booner_network_received_packets_per_second', of.receivedPacketsPerSecond, { device });
    add('booner_network_sent_packets_per_second', of.sentPacketsPerSecond, { device });
    add('booner_network_errors_per_second', of.errorsPerSecond, { device });
    add('booner_network_drops_per_second', of.dropsPerSecond, { device });
  }
}

/** Two sensors of one chip and name, such as those of two NVMe disks, are numbered. */
function addTemperatures({ temperatures }: Part, add: Add): void {
  const counts = new Map<string, number>();
  for (const { chip, label, temperatureCelsius, criticalCelsius } of temperatures ?? []) {
    const count = (counts.get(`${chip}\n${label}`) ?? 0) + 1;
    counts.set(`${chip}\n${label}`, count);
    const labels = { chip, sensor: count === 1 ? label : `${label} ${count}` };
    add('node_hwmon_temp_celsius', temperatureCelsius, labels);
    add('node_hwmon_temp_crit_celsius', criticalCelsius, labels);
  }
}

function addPressure({ pressure }: Part, add: Add): void {
  for (const resource of ['cpu', 'memory', 'io'] as const) {
    for (const stalled of ['some', 'full'] as const) {
      const stall = pressure?.[resource][stalled];
      const labels = (window: string) => ({ resource, stalled, window });
      add('booner_pressure_ratio', stall?.avg10Ratio, labels('10s'));
      add('booner_pressure_ratio', stall?.avg60Ratio, labels('60s'));
      add('booner_pressure_ratio', stall?.avg300Ratio, labels('300s'));
    }
  }
}

function addGpus({ gpus }: Part, add: Add): void {
  for (const { index, name: model, vendor, ...of } of gpus ?? []) {
    const labels = { gpu: `${index}`, model, vendor };
    add('booner_gpu_usage_ratio', of.usageRatio, labels);
    add('booner_gpu_memory_total_bytes', of.memoryTotalBytes, labels);
    add('booner_gpu_memory_used_bytes', of.memoryUsedBytes, labels);
    add('booner_gpu_temperature_celsius', of.temperatureCelsius, labels);
    add('booner_gpu_power_watts', of.powerWatts, labels);
  }
}

const difference = (total: Amount, part: Amount): Amount =>
  typeof total === 'number' && typeof part === 'number' ? Math.max(0, total - part) : null;
