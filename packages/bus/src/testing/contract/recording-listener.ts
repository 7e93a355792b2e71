import type { Bye, HostId, Registration, Sample } from '@booner/protocol';
import type { BusConnection, FleetListener, Rejection, StoredTarget } from '../../ports.ts';

/** Returns a listener that records what it receives, in order. */
export function recordEvents() {
  const events = {
    samples: [] as Sample[],
    byes: [] as { host: HostId; bye: Bye }[],
    removals: [] as HostId[],
    registrations: [] as { host: HostId; registration: Registration }[],
    catchUps: [] as { targets: readonly StoredTarget[]; registrations: ReadonlyMap<HostId, Registration> }[],
    floods: [] as { host: HostId; reason: string }[],
    rejections: [] as Rejection[],
    connections: [] as BusConnection[],
  };
  const listener: FleetListener = {
    accepts: (host) =>
      events.registrations.findLast((each) => each.host === host)?.registration.quarantine === undefined,
    onSample: (sample) => void events.samples.push(sample),
    onBye: (host, bye) => void events.byes.push({ host, bye }),
    onRemoved: (host) => void events.removals.push(host),
    onRegistration: (host, registration) => void events.registrations.push({ host, registration }),
    onCatchUp: (targets, registrations) => void events.catchUps.push({ targets, registrations }),
    onFlood: (host, reason) => void events.floods.push({ host, reason }),
    onRejected: (rejection) => void events.rejections.push(rejection),
    onConnection: (connection) => void events.connections.push(connection),
  };
  return { ...events, listener };
}
