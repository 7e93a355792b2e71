import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Measurements } from '@booner/protocol';
import { createDeltaTracker } from '../delta-tracker.ts';
import { roundBytes, roundOperations, roundRatio } from '../rounding.ts';
import { needsTwoReadings } from '../sampler-error.ts';
import type { Sensor } from '../sensor.ts';
import type { KernelFile } from './kernel-files.ts';

type Disks = NonNullable<Measurements['disks']>;

/** Unit of /proc/diskstats, whatever the sector size of the disk. */
const SECTOR_BYTES = 512;

/** Devices on top of others (or of memory): their I/O is counted at the disk below. */
const STACKED = /^(loop|ram|zram|dm-|md|drbd|bcache|zd|sr|fd)\d/;
/** Partitions by their names, for hosts without /sys. */
const PARTITION = /^((sd|hd|vd|xvd)[a-z]+\d+|(nvme\d+n\d+|mmcblk\d+|nbd\d+|rbd\d+)p\d+)$/;

/**
 * Disk I/O from /proc/diskstats (the kernel's Documentation/admin-guide/iostats.rst), of all whole
 * disks with any I/O so far. Partitions and stacked devices are left out, so that the totals count
 * each byte once.
 */
export function createDisksSensor(
  diskstats: KernelFile,
  sysRoot: string,
  monotonicNow: () => number,
): Sensor<Disks> {
  const tracker = createDeltaTracker();
  const isDisk = createDiskFilter(sysRoot);

  return {
    read() {
      const text = diskstats.read();
      const counters = parseDiskstats(text, isDisk);
      const rates = tracker.update(counters, monotonicNow());
      if (rates.size === 0 && counters.size > 0) throw needsTwoReadings();
      const total = [0, 0, 0, 0];
      const devices: Disks['devices'] = [];
      for (const [device, deviceRates] of rates) {
        if (counters.get(device)?.every((count) => count === 0)) continue; // an empty card reader
        deviceRates.slice(0, 4).forEach((rate, index) => {
          total[index]! += rate;
        });
        const busyMsPerSecond = deviceRates[4] ?? 0;
        devices.push({ device, ...ratesOf(deviceRates), busyRatio: roundRatio(busyMsPerSecond / 1000) });
      }
      return { ...ratesOf(total), devices };
    },
  };
}

const ratesOf = ([reads = 0, sectorsRead = 0, writes = 0, sectorsWritten = 0]: readonly number[]) => ({
  readBytesPerSecond: roundBytes(sectorsRead * SECTOR_BYTES),
  writtenBytesPerSecond: roundBytes(sectorsWritten * SECTOR_BYTES),
  readsPerSecond: roundOperations(reads),
  writesPerSecond: roundOperations(writes),
});

/**
 * Device -> reads, sectors read, writes, sectors written, milliseconds with I/O in flight. Lines
 * begin with the device's numbers, padded with spaces; single spaces separate the rest.
 */
function parseDiskstats(text: string, isDisk: (name: string) => boolean): Map<string, number[]> {
  const counters = new Map<string, number[]>();
  for (const line of text.split('\n')) {
    const [head, name] = DEVICE_NAME.exec(line) ?? [];
    if (head === undefined || name === undefined || !isDisk(name)) continue;
    const columns = line.slice(head.length).split(' ', 10);
    if (columns.length < 10) continue; // a partition before Linux 2.6.25
    counters.set(
      name,
      [0, 2, 4, 6, 9].map((column) => Number(columns[column])),
    );
  }
  return counters;
}

const DEVICE_NAME = /^ *\d+ +\d+ (\S+) /;

/**
 * Identifies whole disks by /sys/block, which does not list partitions. Looks each name up once.
 */
function createDiskFilter(sysRoot: string): (name: string) => boolean {
  const blockFolder = join(sysRoot, 'block');
  const hasSysfs = existsSync(blockFolder);
  const known = new Map<string, boolean>();
  return (name) => {
    let isDisk = known.get(name);
    if (isDisk === undefined) {
      // The kernel writes `!` in folder names for the `/` of a device such as `cciss/c0d0`.
      const isWhole = hasSysfs
        ? existsSync(join(blockFolder, name.replaceAll('/', '!')))
        : !PARTITION.test(name);
      isDisk = isWhole && !STACKED.test(name);
      known.set(name, isDisk);
    }
    return isDisk;
  };
}
