import type { BoonerClient, BoonerError } from '@booner/client';
import type { AuditEntry, ShownAuditPage } from '@booner/protocol';
import { sleep } from '@booner/service/abort';
import type { Context } from '../runtime/context.ts';
import { interruption } from '../terminal/interrupted.ts';

const LOOK_INTERVAL_MS = 2000;
const PAGE_ENTRIES = 1000;

/**
 * Prints the last entries of the audit log, then new ones as they are written, oldest first, until
 * it is interrupted. An outage of the hub delays entries and loses none.
 * @param print prints one entry
 */
export async function followAudit(
  client: Pick<BoonerClient, 'readAudit'>,
  { terminal }: Pick<Context, 'terminal'>,
  { limit, print }: { readonly limit: number; readonly print: (entry: AuditEntry) => void },
): Promise<undefined> {
  using stop = interruption();
  const { signal } = stop;
  const first = await client.readAudit({ limit, signal });
  for (const entry of first.entries.toReversed()) print(entry);
  let after = positionAfter(first, '0-0');
  let isAway = false;
  while (await sleep(LOOK_INTERVAL_MS, signal)) {
    try {
      const { entries, newest } = await readNewer(client, after, signal);
      isAway = false;
      for (const entry of entries) print(entry);
      after = newest;
    } catch (error) {
      if (signal.aborted) return;
      if (!mayPass(error)) throw error;
      if (!isAway) terminal.note(`${error.message}: retrying`);
      isAway = true;
    }
  }
}

/** Reads all entries after a position, oldest first. `newest`: the position to go on from. */
async function readNewer(
  client: Pick<BoonerClient, 'readAudit'>,
  after: string,
  signal: AbortSignal,
): Promise<{ readonly entries: readonly AuditEntry[]; readonly newest: string }> {
  const entries: AuditEntry[] = [];
  let newest: string | undefined;
  for (let before: string | undefined; ; ) {
    const page = await client.readAudit({ after, before, limit: PAGE_ENTRIES, signal });
    newest ??= positionAfter(page, after);
    entries.push(...page.entries);
    if (page.next === null) return { entries: entries.toReversed(), newest };
    before = page.next;
  }
}

/** A token with scopes may not see the newest entry. Older hubs name only those that it sees. */
const positionAfter = ({ newest, entries }: ShownAuditPage, after: string): string =>
  newest ?? entries[0]?.id ?? after;

/** The hub is away, or restarts. */
const mayPass = (error: unknown): error is BoonerError => {
  const { code } = error as Partial<BoonerError>;
  return code === 'unreachable' || code === 'timeout' || code === 'busy' || code === 'failed';
};
