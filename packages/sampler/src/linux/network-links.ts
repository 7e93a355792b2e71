import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type LinkKind = 'physical' | 'loopback' | 'virtual';

/** What a network interface is, and how near it is to the wire. */
export type Link = {
  readonly kind: LinkKind;
  /**
   * Which interfaces the totals of the host count: those of the highest rank that there are. Physical ones have 3. In a
   * container there are none: there the far ends of whose links are in another namespace have 2 (`eth0` of Docker, Kubernetes
   * and LXC, macvlan), and others that stand alone 1 (`tap0` of slirp4netns, `venet0`). Ports of a bridge, bridges and loopback
   * have 0, as what goes through them goes through another interface too, or stays on the host.
   */
  readonly rank: 0 | 1 | 2 | 3;
};

/** ARPHRD_LOOPBACK of the kernel's if_arp.h. */
const LOOPBACK_TYPE = '772';
/** How long what is known about an interface is believed; it may be put into a bridge meanwhile. */
const BELIEVED_MS = 60_000;

/** Tells what interfaces are, by /sys/class/net; looks each up once a minute. */
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

/** `null` when the interface went away, or where /sys shows those of another namespace. */
function readAttribute(folder: string, attribute: string): string | null {
  const path = join(folder, attribute);
  try {
    return readFileSync(path, 'latin1').trim();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return null;
    throw error;
  }
}
