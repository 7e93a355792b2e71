import type { Measurements } from '@booner/protocol';
import si from 'systeminformation';
import type { Sensor } from '../sensor.ts';
import { knownAmount, NEEDS_TWO_READINGS } from './known-figure.ts';

type NetworkMeasurement = NonNullable<Measurements['network']>;

/** Interfaces rarely change, and listing them takes several processes. */
const LIST_INTERVAL_MS = 600_000;
/** Names of macOS and Windows for tunnels, bridges and links between devices. */
const VIRTUAL_NAME = /^(utun|awdl|llw|bridge|gif|stf|ap\d|anpi|vmnet|vEthernet|feth|ipsec|lo\d)/;

/** Rates of an interface; `null` at its first reading. */
export type InterfaceRates = {
  readonly iface: string;
  readonly rx_sec: number | null;
  readonly tx_sec: number | null;
};

/**
 * Rates of all physical interfaces together. Interfaces are not listed individually, as
 * systeminformation does not count packets, which an interface's measurement requires.
 */
export function createPortableNetworkSensor(): Sensor<NetworkMeasurement> {
  let physical: ReadonlySet<string> = new Set();
  let listedAtMs = Number.NEGATIVE_INFINITY;
  return {
    async read() {
      if (performance.now() - listedAtMs > LIST_INTERVAL_MS) {
        physical = await listPhysical();
        listedAtMs = performance.now();
      }
      if (physical.size === 0) throw new Error('no physical network interface was found');
      return sumRates(await si.networkStats([...physical].join(',')));
    },
  };
}

async function listPhysical(): Promise<ReadonlySet<string>> {
  const listed = await si.networkInterfaces();
  const interfaces = Array.isArray(listed) ? listed : [listed];
  return new Set(
    interfaces
      .filter(({ iface, internal, virtual }) => !internal && !virtual && !VIRTUAL_NAME.test(iface))
      .map(({ iface }) => iface),
  );
}

/**
 * Returns the sum of the known values; an interface at its first reading is left out. Throws if
 * none is known.
 */
export function sumRates(interfaces: readonly InterfaceRates[]): NetworkMeasurement {
  const known = interfaces.flatMap(({ rx_sec, tx_sec }) => {
    const received = knownAmount(rx_sec);
    const sent = knownAmount(tx_sec);
    return received === null || sent === null ? [] : [{ received, sent }];
  });
  if (known.length === 0) throw new Error(NEEDS_TWO_READINGS);
  return {
    receivedBytesPerSecond: known.reduce((sum, { received }) => sum + received, 0),
    sentBytesPerSecond: known.reduce((sum, { sent }) => sum + sent, 0),
    interfaces: [],
  };
}
