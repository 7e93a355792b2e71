import type { FileSystemMeasurement, Measurements } from '@booner/protocol';
import si from 'systeminformation';
import type { Sensor } from '../sensor.ts';
import { knownAmount, NEEDS_TWO_READINGS, requireAmount } from './known-figure.ts';

/** A mount as systeminformation lists it; sizes in bytes. */
export type MountedFileSystem = {
  readonly fs: string;
  readonly type: string;
  readonly mount: string;
  readonly size: number;
  readonly used: number;
  readonly available: number;
};

const NOT_REAL =
  /^(tmpfs|devtmpfs|devfs|overlay|squashfs|autofs|map|ramfs|proc|sysfs|cgroup2?|none|nullfs)$/i;
/** Parts of macOS that share the space of `/System/Volumes/Data` and are not for users. */
const MACOS_SERVICE_VOLUME = /^\/System\/Volumes\/(?!Data$)/;

export function createPortableFileSystemSensor(): Sensor<FileSystemMeasurement[]> {
  return { read: async () => selectFileSystems(await si.fsSize()) };
}

/**
 * Returns the real file systems, each device once at its shortest mount point. systeminformation
 * does not count inodes.
 */
export function selectFileSystems(mounts: readonly MountedFileSystem[]): FileSystemMeasurement[] {
  const byDevice = new Map<string, MountedFileSystem>();
  for (const mount of mounts) {
    if (NOT_REAL.test(mount.type) || MACOS_SERVICE_VOLUME.test(mount.mount) || !(mount.size > 0)) continue;
    const other = byDevice.get(mount.fs);
    if (other === undefined || mount.mount.length < other.mount.length) byDevice.set(mount.fs, mount);
  }
  return [...byDevice.values()].map(({ fs, type, mount, size, used, available }) => ({
    mountPoint: mount,
    device: fs,
    type,
    totalBytes: knownAmount(size),
    usedBytes: knownAmount(used),
    availableBytes: knownAmount(available),
    inodesTotal: null,
    inodesUsed: null,
  }));
}

/**
 * systeminformation repeats an answer for half a second. A rate that is still missing after this
 * stays missing.
 */
const SECOND_READING_MS = 1000;

/**
 * Rates of all disks together: systeminformation does not list them individually, and has none on
 * Windows and in containers without block devices.
 */
export function createPortableDiskSensor(): Sensor<NonNullable<Measurements['disks']>> {
  let firstAtMs: number | null = null;
  return {
    async read() {
      const [bytes, operations] = await Promise.all([si.fsStats(), si.disksIO()]);
      firstAtMs ??= performance.now();
      const waiting = performance.now() - firstAtMs < SECOND_READING_MS;
      const reason = waiting ? NEEDS_TWO_READINGS : 'the rates of disks are not known on this system';
      return {
        // Both are `null` on Windows, whatever their types say.
        readBytesPerSecond: requireAmount(bytes?.rx_sec, reason),
        writtenBytesPerSecond: requireAmount(bytes?.wx_sec, reason),
        readsPerSecond: requireAmount(operations?.rIO_sec, reason),
        writesPerSecond: requireAmount(operations?.wIO_sec, reason),
        devices: [],
      };
    },
  };
}
