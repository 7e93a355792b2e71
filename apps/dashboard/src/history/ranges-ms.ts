import type { HistoryRange } from '@booner/protocol';

/** How far back each range reaches. */
export const RANGES_MS: Readonly<Record<HistoryRange, number>> = {
  '1m': 60_000,
  '2m': 120_000,
  '5m': 300_000,
  '10m': 600_000,
  '15m': 900_000,
};
