import type { HostId } from '@booner/protocol';

/** The hosts that a client may read. What it may not read does not exist for it. */
export type Readable = {
  /** Equal for equal sets of hosts. `null`: everything, the main server included. */
  readonly key: string | null;
  /** Returns true if a host may be read now: labels change. */
  readonly has: (host: HostId) => boolean;
};

export const EVERYTHING: Readable = { key: null, has: () => true };
