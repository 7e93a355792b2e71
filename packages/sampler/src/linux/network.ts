import type { Measurements } from '@booner/protocol';
import { createDeltaTracker } from '../delta-tracker.ts';
import { roundBytes, roundOperations } from '../rounding.ts';
import { needsTwoReadings } from '../sampler-error.ts';
import type { Sensor } from '../sensor.ts';
import type { KernelFile } from './kernel-files.ts';
import { createLinkTable, type Link } from './network-links.ts';

type Network = NonNullable<Measurements['network']>;

/**
 * A container host has one interface per container. Only the busiest virtual ones are listed, to
 * keep the sample small.
 */
const MAX_VIRTUAL_INTERFACES = 64;

/**
 * Network traffic from /proc/net/dev (proc_pid_net(5)), of all interfaces with any traffic so far.
 * The totals only count physical interfaces, or in a container those that lead out of it
 * ({@link Link}).
 */
export function createNetworkSensor(
  netDev: KernelFile,
  sysRoot: string,
  monotonicNow: () => number,
): Sensor<Network> {
  const tracker = createDeltaTracker();
  const linkOf = createLinkTable(sysRoot, monotonicNow);

  return {
    read() {
      const counters = parseNetDev(netDev.read());
      const rates = tracker.update(counters, monotonicNow());
      const carriers = Array.from(rates, ([name, values]) => ({ name, values, link: linkOf(name) }));
      const topRank = Math.max(...Array.from(counters.keys(), (name) => linkOf(name).rank));
      const counted = topRank > 0 ? carriers.filter(({ link }) => link.rank === topRank) : [];
      if (topRank > 0 && counted.length === 0) throw needsTwoReadings();
      let received = 0;
      let sent = 0;
      for (const { values } of counted) {
        received += values[0] ?? 0;
        sent += values[4] ?? 0;
      }
      const used = carriers.filter(({ name }) => counters.get(name)?.some((count) => count > 0));
      return {
        receivedBytesPerSecond: roundBytes(received),
        sentBytesPerSecond: roundBytes(sent),
        interfaces: limitVirtual(used).map(({ name, values, link }) => describe(name, link, values)),
      };
    },
  };
}

type Carrier = { readonly name: string; readonly link: Link; readonly values: readonly number[] };

function limitVirtual(carriers: readonly Carrier[]): readonly Carrier[] {
  const virtual = carriers.filter(({ link }) => link.kind === 'virtual');
  if (virtual.length <= MAX_VIRTUAL_INTERFACES) return carriers;
  const bytes = ({ values }: Carrier) => (values[0] ?? 0) + (values[4] ?? 0);
  const kept = new Set(virtual.toSorted((a, b) => bytes(b) - bytes(a)).slice(0, MAX_VIRTUAL_INTERFACES));
  return carriers.filter((carrier) => carrier.link.kind !== 'virtual' || kept.has(carrier));
}

function describe(name: string, link: Link, values: readonly number[]): Network['interfaces'][number] {
  const [
    rxBytes = 0,
    rxPackets = 0,
    rxErrors = 0,
    rxDrops = 0,
    txBytes = 0,
    txPackets = 0,
    txErrors = 0,
    txDrops = 0,
  ] = values;
  return {
    interface: name,
    kind: link.kind,
    receivedBytesPerSecond: roundBytes(rxBytes),
    sentBytesPerSecond: roundBytes(txBytes),
    receivedPacketsPerSecond: roundOperations(rxPackets),
    sentPacketsPerSecond: roundOperations(txPackets),
    errorsPerSecond: roundOperations(rxErrors + txErrors),
    dropsPerSecond: roundOperations(rxDrops + txDrops),
  };
}

/**
 * Interface -> bytes, packets, errors, drops received, then the same sent. Follows two lines of
 * headings.
 */
function parseNetDev(text: string): Map<string, number[]> {
  const counters = new Map<string, number[]>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':'); // old kernels put no space after it
    if (colon === -1) continue;
    const columns = line
      .slice(colon + 1)
      .trim()
      .split(/ +/, 12);
    counters.set(
      line.slice(0, colon).trim(),
      [0, 1, 2, 3, 8, 9, 10, 11].map((column) => Number(columns[column])),
    );
  }
  return counters;
}
