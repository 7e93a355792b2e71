import { type History, HistoryError } from '@booner/history';
import { type HistoryBlocks, type HostId, historyBlocksSchema } from '@booner/protocol';
import { HISTORY_TIER_NAMES, HISTORY_TIERS, type HistoryTier } from '@booner/protocol/history-metrics';
import type { Logger, Secret } from '@booner/service';
import { boundedText } from './bounded-text.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Time that one page covers at most: some 30 blocks of a host. */
const WINDOW_MS: { readonly [Tier in HistoryTier]: number } = {
  raw: 30 * MINUTE_MS,
  '10s': 6 * HOUR_MS,
  '1m': DAY_MS,
  '10m': 15 * DAY_MS,
  '1h': 120 * DAY_MS,
};
const PAGE_DEADLINE_MS = 30_000;
/** Parsing a page takes a few milliseconds. Other hubs send about half a megabyte. */
const MAX_PAGE_BYTES = 4 * 2 ** 20;

export type FetchMissedDeps = {
  readonly store: Pick<History, 'importBlocks'>;
  readonly peers: readonly URL[];
  readonly token: Secret | null;
  readonly log: Logger;
};

export type MissedRange = { readonly fromMs: number; readonly toMs: number };

/**
 * Copies the history of a range from the first other hub that answers.
 * @returns false if none did
 */
export async function fetchMissed(
  { store, peers, token, log }: FetchMissedDeps,
  range: MissedRange,
  { signal }: { readonly signal: AbortSignal },
): Promise<boolean> {
  for (const peer of peers) {
    try {
      let blocks = 0;
      for (const tier of HISTORY_TIER_NAMES) {
        // What is older than the tier is kept is not there.
        const fromMs = Math.max(range.fromMs, range.toMs - HISTORY_TIERS[tier].keepMs);
        for await (const page of pagesOf({ peer, token, tier, fromMs, toMs: range.toMs, signal })) {
          await store.importBlocks(page);
          blocks += page.blocks.length;
        }
      }
      log.info(
        { peer: peer.origin, blocks, ...range },
        'the history that was missed has been fetched from another hub',
      );
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (error instanceof HistoryError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ peer: peer.origin, reason }, 'another hub did not provide the history that was missed');
    }
  }
  return false;
}

type Pages = MissedRange & {
  readonly peer: URL;
  readonly token: Secret | null;
  readonly tier: HistoryTier;
  readonly signal: AbortSignal;
};

async function* pagesOf({ tier, fromMs, toMs, ...asked }: Pages): AsyncGenerator<HistoryBlocks> {
  for (let startMs = fromMs; startMs < toMs; startMs += WINDOW_MS[tier]) {
    let after: HostId | null = null;
    do {
      const endMs = Math.min(toMs, startMs + WINDOW_MS[tier]);
      const page: HistoryBlocks = await readPage({ ...asked, tier, fromMs: startMs, toMs: endMs, after });
      yield page;
      after = page.next;
    } while (after !== null);
  }
}

async function readPage(asked: Pages & { readonly after: HostId | null }): Promise<HistoryBlocks> {
  const { peer, token, tier, fromMs, toMs, after, signal } = asked;
  const url = new URL('history/blocks', `${peer.href.replace(/\/$/, '')}/`);
  url.search = new URLSearchParams({
    tier,
    from: String(fromMs),
    to: String(toMs),
    ...(after === null ? {} : { after }),
  }).toString();
  const response = await fetch(url, {
    headers: token === null ? {} : { authorization: `Bearer ${token.reveal()}` },
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(PAGE_DEADLINE_MS)]),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`it answered ${response.status}`);
  }
  return historyBlocksSchema.parse(JSON.parse(await boundedText(response, MAX_PAGE_BYTES)));
}
