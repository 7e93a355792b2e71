import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type LinkKind = 'physical' | 'loopback' | 'virtual';

/** Kind of a network interface, and how close it is to the wire. */
export type Link = {
  readonly kind: LinkKind;
  /**
   * The totals of the host count the interfaces of the highest rank present.
   * - 3: physical interfaces
   * - 2: in a container, links whose other end is in another namespace (`eth0` of Docker,
   *   Kubernetes and LXC, macvlan)
   * - 1: in a container, other standalone links (`tap0` of slirp4netns, `venet0`)
   * - 0: bridges, their ports and loopback, whose traffic also passes another interface or stays on
   *   the host
   */
  readonly rank: 0 | 1 | 2 | 3;
};

/** ARPHRD_LOOPBACK of the kernel's if_arp.h. */
const LOOPBACK_TYPE = '772';
/** Lifetime of what is known about an interface, as it may be added to a bridge later. */
const BELIEVED_MS = 60_000;

/** Identifies interfaces by /sys/class/net. Looks each up once a minute. */
export function createLinkTable(sysRoot: string, monotonicNow: () => number): (name: string) => Link {
  let links = new Map<string, Link>();
  let forgetAtMs = Number.NEGATIVE_INFINITY;
  return (name) => {
    const nowMs = monotonicNow();
    if (!(nowMs < forgetAtMs)) {
      links = new Map();
      forgetAtMs = nowMs + BELIEVED_MS;
    }
    let link = links.get(name);
    if (link === undefined) {
      link = inspect(join(sysRoot, 'class/net', name), name);
      links.set(name, link);
    }
    return link;
  };
}

function inspect(folder: string, name: string): Link {
  const type = readAttribute(folder, 'type');
  if (type === LOOPBACK_TYPE || (type === null && name === 'lo')) return { kind: 'loopback', rank: 0 };
  if (existsSync(join(folder, 'device'))) return { kind: 'physical', rank: 3 };
  if (existsSync(join(folder, 'master')) || existsSync(join(folder, 'bridge')))
    return { kind: 'virtual', rank: 0 };
  const linkIndex = readAttribute(folder, 'iflink');
  const isFarEndElsewhere = linkIndex !== null && linkIndex !== readAttribute(folder, 'ifindex');
  return { kind: 'virtual', rank: isFarEndElsewhere ? 2 : 1 };
}

/** Returns `null` if the interface is gone, or if /sys shows those of another namespace. */
function readAttribute(folder: string, attribute: string): string | null {
  const path = join(folder, attribute);
  try {
    return readFileSync(path, 'latin1').trim();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return null;
    throw error;
  }
}
