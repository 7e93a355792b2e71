import type { Rejection } from '@booner/bus';
import type { Logger } from '@booner/service';

/**
 * Kinds that are logged. Others are only counted in `/metrics`, so clients cannot flood the log.
 */
const MAX_KINDS = 1000;

/** Logs the first rejection of each kind. */
export function logRejections(log: Pick<Logger, 'warn'>): (rejection: Rejection) => void {
  const logged = new Set<string>();
  return ({ host, reason, detail }) => {
    const kind = `${host} ${reason}`;
    if (logged.has(kind) || logged.size >= MAX_KINDS) return;
    logged.add(kind);
    log.warn(
      { host, reason, detail },
      'a message on the bus was dropped; more of this kind are only counted',
    );
  };
}
