import type { HostId, NewAuditEntry } from '@booner/protocol';
import { createEntryStream } from './entry-stream.ts';
import { createExpiringValues } from './expiring-values.ts';

const MAX_AUDIT_ENTRIES = 10_000;

/** What a bus in memory keeps of who may do what, in place of Redis. */
export function createAccessState() {
  const readers = new Set<() => void>();
  return {
    /** SHA-256 -> JSON. */
    credentials: new Map<string, string>(),
    /** Whether there ever was a credential. */
    everHadOne: false,
    lastUsed: new Map<string, number>(),
    tickets: createExpiringValues(),
    enrolments: createExpiringValues(),
    oidc: createExpiringValues(),
    identities: new Map<HostId, string>(),
    audit: createEntryStream<NewAuditEntry>(MAX_AUDIT_ENTRIES),
    /** Those who read the credentials again after each change. */
    readers,
  };
}

export type AccessState = ReturnType<typeof createAccessState>;
