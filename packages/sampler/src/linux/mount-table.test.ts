import { expect, test } from 'vitest';
import { parseMountTable } from './mount-table.ts';

const ROOT = '1 0 8:1 / / rw - ext4 /dev/sda1 rw';
const mountPoints = (...lines: string[]) =>
  parseMountTable(lines.join('\n')).map(({ mountPoint }) => mountPoint);
const steady = (...lines: string[]) =>
  parseMountTable([ROOT, ...lines].join('\n'))
    .filter(({ isSteady }) => isSteady)
    .map(({ mountPoint }) => mountPoint);

test('spaces, tabs and backslashes in names are decoded, and optional fields skipped', () => {
  expect(
    parseMountTable('9 1 8:2 / /mnt/a\\040b\\011c\\134d rw shared:1 master:2 - xfs /dev/disk\\040one rw\n'),
  ).toEqual([{ mountPoint: '/mnt/a b\tc\\d', device: '/dev/disk one', type: 'xfs', isSteady: true }]);
});

test('file systems in memory, images and interfaces of the kernel are left out', () => {
  expect(
    mountPoints(
      ROOT,
      '2 1 0:5 / /dev rw - devtmpfs devtmpfs rw',
      '3 1 0:6 / /tmp rw - tmpfs tmpfs rw',
      '4 1 7:1 / /snap/x ro - squashfs /dev/loop1 ro',
      '5 1 11:0 / /media/cd ro - iso9660 /dev/sr0 ro',
      '6 1 0:7 / /run/user/1/gvfs rw - fuse.gvfsd-fuse gvfsd-fuse rw',
      '7 1 0:8 / /sys/fs/fuse/connections rw - fusectl fusectl rw',
      '8 1 0:9 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw',
    ),
  ).toEqual(['/']);
});

test('network, pooled and FUSE file systems are real', () => {
  expect(
    mountPoints(
      ROOT,
      '2 1 0:5 / /mnt/a rw - nfs4 server:/a rw',
      '3 1 0:6 / /mnt/b rw - cifs //server/b rw',
      '4 1 0:7 / /mnt/c rw - zfs pool/c rw',
      '5 1 0:8 / /mnt/d rw - fuse.sshfs host:/d rw',
      '6 1 8:9 / /mnt/e rw - fuseblk /dev/sdb1 rw',
      '7 1 0:9 / /mnt/f rw - virtiofs f rw',
    ),
  ).toEqual(['/', '/mnt/a', '/mnt/b', '/mnt/c', '/mnt/d', '/mnt/e', '/mnt/f']);
});

test('one device is listed once: as /, else mounted whole, else by the shortest path', () => {
  expect(
    mountPoints('1 0 0:40 /@ / rw - btrfs /dev/sda1 rw', '2 1 0:40 / /top rw - btrfs /dev/sda1 rw'),
  ).toEqual(['/']);
  expect(mountPoints('2 1 8:2 /www /w rw - xfs /dev/b rw', '3 1 8:2 / /srv/data rw - xfs /dev/b rw')).toEqual(
    ['/srv/data'],
  );
  expect(
    mountPoints('2 1 8:2 / /mnt/long rw - xfs /dev/b rw', '3 1 8:2 / /mnt/x rw - xfs /dev/b rw'),
  ).toEqual(['/mnt/x']);
});

test('a mount that hides another counts in its place', () => {
  expect(
    mountPoints(ROOT, '2 1 8:2 / /data rw - xfs /dev/b rw', '3 2 0:9 / /data rw - tmpfs tmpfs rw'),
  ).toEqual(['/']);
});

test('in a container / is listed although it is an overlay, and what the runtime bound into it is not', () => {
  expect(
    mountPoints(
      '1 0 0:99 / / rw - overlay overlay rw',
      '2 1 8:1 /containers/x/hosts /etc/hosts rw - ext4 /dev/sda1 rw',
      '3 1 8:1 /kubelet/x /dev/termination-log rw - ext4 /dev/sda1 rw',
    ),
  ).toEqual(['/']);
});

test('file systems on block devices are steady, others are not, nor is what lies below them', () => {
  expect(
    steady(
      '2 1 8:2 / /data rw - xfs /dev/b rw',
      '3 1 0:5 / /net rw - nfs4 server:/ rw',
      '4 3 8:3 / /net/local rw - ext4 /dev/c rw',
      '5 1 8:4 / /network rw - ext4 /dev/d rw',
      '6 1 8:9 / /ntfs rw - fuseblk /dev/e rw',
    ),
  ).toEqual(['/', '/data', '/network']);
});

test('lines that are no mounts are passed over', () => {
  expect(mountPoints('', 'nonsense', '1 2 3 - ', ROOT)).toEqual(['/']);
});
