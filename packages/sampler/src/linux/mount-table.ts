/** A mounted file system that holds data. */
export type Mount = {
  readonly mountPoint: string;
  readonly device: string;
  readonly type: string;
  /** True if `statfs` answers from the kernel's memory, without a server, daemon or device. */
  readonly isSteady: boolean;
};

/**
 * File systems on block devices whose `statfs` only reads counters in memory, and overlay, which
 * asks the one below. Others (NFS, CIFS, FUSE, 9p, Ceph, ZFS with a suspended pool, …) may wait for
 * something that never answers.
 */
const STEADY_TYPES = new Set(
  'ext2 ext3 ext4 xfs btrfs f2fs vfat msdos exfat ntfs ntfs3 jfs reiserfs nilfs2 hfsplus bcachefs minix ubifs jffs2 overlay'.split(
    ' ',
  ),
);

/** Types with data but without a block device: network, shared and pooled file systems. */
const DEVICELESS_TYPES = new Set(
  'nfs nfs4 cifs smb3 smbfs ceph glusterfs lustre gpfs beegfs afs coda orangefs 9p virtiofs vboxsf prl_fs zfs btrfs bcachefs ubifs jffs2'.split(
    ' ',
  ),
);

/** Read-only images: always full, which means nothing. */
const IMAGE_TYPES = new Set('squashfs erofs cramfs romfs iso9660 udf'.split(' '));

/** FUSE file systems without data of their own. */
const VIRTUAL_FUSE = /^fuse\.(lxcfs|gvfsd-fuse|portal|snapfuse|squashfuse|archivemount|fuse-overlayfs)$/;

/**
 * Folders into which container runtimes bind files of the host (`/etc/hosts`,
 * `/dev/termination-log`).
 */
const RUNTIME_BINDS = /^\/(etc|dev|proc|sys|run)\//;

/** The usual type of a container's `/`. */
const CONTAINER_ROOT = /^(overlay|fuse\.fuse-overlayfs|aufs)$/;

type Entry = Mount & { readonly deviceNumber: string; readonly root: string };

/**
 * Returns the real file systems of a mount table in the format of proc_pid_mountinfo(5), each once:
 * for several mounts of one device (binds, subvolumes) the one with the shortest path. `/` is
 * always included, even as a container's overlay.
 */
export function parseMountTable(text: string): Mount[] {
  const byMountPoint = new Map<string, Entry>();
  for (const line of text.split('\n')) {
    const entry = parseEntry(line);
    if (entry) byMountPoint.set(entry.mountPoint, entry); // a later mount hides the one below it
  }
  const isContainer = CONTAINER_ROOT.test(byMountPoint.get('/')?.type ?? '');
  const byDevice = new Map<string, Entry>();
  for (const entry of byMountPoint.values()) {
    if (!isReal(entry)) continue;
    if (isContainer && entry.root !== '/' && RUNTIME_BINDS.test(entry.mountPoint)) continue;
    const other = byDevice.get(entry.deviceNumber);
    if (!other || isBetter(entry, other)) byDevice.set(entry.deviceNumber, entry);
  }
  const mounts = [...byDevice.values()].sort((a, b) => (a.mountPoint < b.mountPoint ? -1 : 1));
  const unsteady = [...byMountPoint.values()].filter(({ type }) => !STEADY_TYPES.has(type) && mayHang(type));
  return mounts.map(({ mountPoint, device, type }) => ({
    mountPoint,
    device,
    type,
    // Resolving a mount point goes through the file systems above it.
    isSteady: STEADY_TYPES.has(type) && !unsteady.some((above) => isBelow(mountPoint, above.mountPoint)),
  }));
}

/**
 * Parses a line such as
 * `36 35 98:0 /root /mount/point rw,noatime master:1 - ext3 /dev/root rw,errors=continue`
 */
function parseEntry(line: string): Entry | null {
  const separator = line.indexOf(' - '); // optional fields of any number come before it
  if (separator === -1) return null;
  const [, , deviceNumber, root, mountPoint] = line.slice(0, separator).split(' ');
  const [type, device] = line.slice(separator + 3).split(' ');
  if (!deviceNumber || !root || !mountPoint || !type) return null;
  return {
    deviceNumber,
    root,
    mountPoint: unescapeOctal(mountPoint),
    type,
    device: unescapeOctal(device ?? ''),
    isSteady: false,
  };
}

/** The kernel writes space, tab, newline, backslash and `#` as `\040` and so on. */
function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-3][0-7]{2})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

function isReal({ mountPoint, type, deviceNumber }: Entry): boolean {
  if (IMAGE_TYPES.has(type)) return false;
  if (mountPoint === '/') return true;
  if (type === 'overlay' || type === 'tmpfs' || type === 'ramfs') return false;
  if (type === 'fuse' || type === 'fuseblk' || type.startsWith('fuse.')) return !VIRTUAL_FUSE.test(type);
  return DEVICELESS_TYPES.has(type) || !deviceNumber.startsWith('0:'); // major 0: no block device
}

const mayHang = (type: string): boolean => DEVICELESS_TYPES.has(type) || type.startsWith('fuse');

function isBetter(entry: Entry, other: Entry): boolean {
  if (entry.mountPoint === '/' || other.mountPoint === '/') return entry.mountPoint === '/';
  if ((entry.root === '/') !== (other.root === '/')) return entry.root === '/';
  return entry.mountPoint.length < other.mountPoint.length;
}

const isBelow = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
