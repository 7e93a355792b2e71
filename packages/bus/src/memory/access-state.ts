import type { HostId, NewAuditEntry } from '@booner/protocol';
import { createEntryStream } from './entry-stream.ts';
import { createExpiringValues } from './expiring-values.ts';

const MAX_AUDIT_ENTRIES = 10_000;

/** State of access control that a bus in memory keeps in place of Redis. */
export function createAccessState() {
  const readers = new Set<() => void>();
  return {
    /** SHA-256 -> JSON. */
    credentials: new Map<string, string>(),
    /** True once there was a credential. */
    everHadOne: false,
    lastUsed: new Map<string, number>(),
    tickets: createExpiringValues(),
    enrolments: createExpiringValues(),
    oidc: createExpiringValues(),
    identities: new Map<HostId, string>(),
    audit: createEntryStream<NewAuditEntry>(MAX_AUDIT_ENTRIES),
    /** Called after each change of the credentials. */
    readers,
  };
}

export type AccessState = ReturnType<typeof createAccessState>;
