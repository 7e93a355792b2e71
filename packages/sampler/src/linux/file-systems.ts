import { statfs as systemStatfs } from 'node:fs/promises';
import type { FileSystemMeasurement } from '@booner/protocol';
import type { Sensor } from '../sensor.ts';
import type { KernelFile } from './kernel-files.ts';
import { type Mount, parseMountTable } from './mount-table.ts';
import { createStatfsGuard, type Statfs, type StatfsFigures, type StatfsOutcome } from './statfs-guard.ts';

/**
 * One `statfs` costs 70 to 300 µs of CPU, most of it for switching to a thread and back, and space
 * changes slowly: it is called for every third sample at 3 s, and less often with more than nine
 * mounts. So is the list of mounts.
 */
const SHORTEST_PACE_MS = 8_500;
const PACE_MS_PER_MOUNT = 900;
const LONGEST_PACE_MS = 30_000;

/** Bound of the list in the protocol's schema. */
const MAX_FILE_SYSTEMS = 1024;

export const callStatfs: Statfs = (mountPoint) => systemStatfs(mountPoint);

/**
 * Space and inodes of the real file systems of this process's mount namespace. A mount that hangs
 * is listed with the reason.
 */
export function createFileSystemsSensor(
  mountinfo: KernelFile,
  statfs: Statfs,
  monotonicNow: () => number,
): Sensor<FileSystemMeasurement[]> {
  const guard = createStatfsGuard(statfs, monotonicNow);
  let text = '';
  let mounts: Mount[] = [];
  let askAtMs = Number.NEGATIVE_INFINITY;

  const describeAll = () => mounts.map((mount) => describe(mount, guard.outcome(mount.mountPoint)));

  return {
    read() {
      const nowMs = monotonicNow();
      if (nowMs < askAtMs) return describeAll();
      const newText = mountinfo.read();
      if (newText !== text) mounts = parseMountTable(newText).slice(0, MAX_FILE_SYSTEMS);
      text = newText;
      askAtMs = nowMs + paceMs(mounts.length);
      return guard.ask(mounts).then(describeAll);
    },
  };
}

const paceMs = (mountCount: number): number =>
  Math.min(Math.max(mountCount * PACE_MS_PER_MOUNT, SHORTEST_PACE_MS), LONGEST_PACE_MS);

function describe({ mountPoint, device, type }: Mount, outcome: StatfsOutcome): FileSystemMeasurement {
  if ('figures' in outcome) return { mountPoint, device, type, ...measure(outcome.figures) };
  const unknown = {
    totalBytes: null,
    usedBytes: null,
    availableBytes: null,
    inodesTotal: null,
    inodesUsed: null,
  };
  return { mountPoint, device, type, ...unknown, unavailable: outcome.reason };
}

/**
 * Computes usage like `df`. A file system without an inode count (btrfs, vfat) reports 0 inodes.
 */
function measure({ bsize, frsize = bsize, blocks, bfree, bavail, files, ffree }: StatfsFigures) {
  return {
    totalBytes: blocks * frsize,
    usedBytes: Math.max(blocks - bfree, 0) * frsize,
    availableBytes: bavail * frsize,
    inodesTotal: files > 0 ? files : null,
    inodesUsed: files > 0 ? Math.max(files - ffree, 0) : null,
  };
}
