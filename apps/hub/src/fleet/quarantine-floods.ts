import type { FleetBus, FleetListener } from '@booner/bus';
import { deleteUsersLine, usersOfHost } from '@booner/bus/redis/acl/redis-user';
import type { HostId, Quarantine } from '@booner/protocol';
import { createFailureLog, type Logger, retry } from '@booner/service';
import type { AuditLog } from '../access/audit-log.ts';
import type { Fleet } from './fleet.ts';

export type QuarantineDeps = {
  readonly fleet: Pick<Fleet, 'onQuarantine'>;
  readonly bus: () => Pick<FleetBus, 'quarantine'>;
  /** True if this hub removes the Redis users of quarantined hosts. */
  readonly cutsOff: boolean;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly log: Logger;
};

/**
 * Returns a listener that quarantines each host that floods the bus: at once in this hub, and on
 * the bus for all hubs and for good, as soon as it can be stored. The audit log gets one entry.
 */
export function quarantineFloods(
  { fleet, bus, cutsOff, audit, log }: QuarantineDeps,
  { signal }: { readonly signal: AbortSignal },
): FleetListener['onFlood'] {
  const underWay = new Set<HostId>();
  const failures = createFailureLog(log, {
    failing: 'a quarantine cannot be stored; this is retried',
    recovered: 'quarantines can be stored again',
  });

  const store = async (host: HostId, quarantine: Quarantine) => {
    const stored = await retry(() => bus().quarantine(host, quarantine), { failures }, { signal });
    if (stored === 'aborted') return;
    fleet.onQuarantine(host, stored.quarantine);
    if (!stored.isNew) return; // another hub was first
    const event = { principal: null, address: '', verb: 'target.quarantine' } as const;
    audit.record({ ...event, target: host, detail: quarantine.reason, verdict: 'allowed' });
  };
  return (host, reason) => {
    if (underWay.has(host)) return;
    underWay.add(host);
    const redisLine = cutsOff ? null : deleteUsersLine(usersOfHost(host));
    const quarantine = { sinceMs: Date.now(), reason: reason.slice(0, 300), redisLine };
    fleet.onQuarantine(host, quarantine);
    void store(host, quarantine).finally(() => underWay.delete(host));
  };
}
