import type { Annotation } from '@booner/protocol';
import { RANKED_METRICS } from '@booner/protocol/history-metrics';
import type { Block, BlockPlace, BlockStore, HourSummary, RankedHost } from './block-store.ts';
import { HistoryError } from './history-error.ts';

const keyOf = ({ host, tier, startMs }: BlockPlace): string => `${host} ${tier} ${startMs}`;

/** Keeps blocks in memory, without a bound: for tests, and for short histories. */
export function openMemoryBlocks(): BlockStore {
  const blocks = new Map<string, BlockPlace & Block>();
  const lastUsedMs = new Map<string, number>();
  const due = new Map<string, BlockPlace>();
  const hours = new Map<string, { readonly host: string; readonly startMs: number } & HourSummary>();
  const annotations = new Map<string, { readonly host: string } & Annotation>();
  const ofTier = (tier: number) => [...blocks.values()].filter((block) => block.tier === tier);
  return {
    begin: () => {},
    commit: () => {},
    rollBack: () => {},
    hosts: () => [...lastUsedMs.keys()],
    read: (host, tier, fromMs, toMs) =>
      ofTier(tier)
        .filter((block) => block.host === host && block.startMs >= fromMs && block.startMs < toMs)
        .sort((a, b) => a.startMs - b.startMs),
    write: (place, block) => {
      blocks.set(keyOf(place), { ...place, ...block });
      lastUsedMs.set(place.host, Math.max(place.startMs, lastUsedMs.get(place.host) ?? 0));
    },
    oldestMs: (tier, host) => {
      const blocksOf = ofTier(tier).filter((block) => host === undefined || block.host === host);
      const starts = blocksOf.map(({ startMs }) => startMs);
      return starts.length === 0 ? null : Math.min(...starts);
    },
    newestMs: (host, tier, beforeMs) => {
      const starts = ofTier(tier).filter((block) => block.host === host && block.startMs < beforeMs);
      return starts.length === 0 ? null : Math.max(...starts.map(({ startMs }) => startMs));
    },
    hasBlocks: (tier, fromMs, toMs) =>
      ofTier(tier).some(({ startMs }) => startMs >= fromMs && startMs < toMs),
    deleteBefore: (tier, beforeMs, limit) => {
      const old = ofTier(tier).filter(({ startMs }) => startMs < beforeMs);
      for (const block of old.slice(0, limit)) blocks.delete(keyOf(block));
      return Math.min(old.length, limit);
    },
    due: () => [...due.values()],
    addDue: (place) => void due.set(keyOf(place), place),
    removeDue: (place) => void due.delete(keyOf(place)),
    deleteUnusedBefore: (beforeMs) => {
      const gone = [...lastUsedMs].flatMap(([host, usedMs]) => (usedMs < beforeMs ? host : []));
      for (const host of gone) lastUsedMs.delete(host);
      return gone;
    },
    deleteHour: (host, startMs) => void hours.delete(`${host} ${startMs}`),
    writeHour: (host, startMs, summary) =>
      void hours.set(`${host} ${startMs}`, { host, startMs, ...summary }),
    rankHours: (metric, fromMs, toMs) => {
      const index = RANKED_METRICS.indexOf(metric);
      const ranked = new Map<string, RankedHost>();
      for (const { host, startMs, samples, avg, max } of hours.values()) {
        if (startMs < fromMs || startMs >= toMs || Number.isNaN(avg[index])) continue;
        const before = ranked.get(host) ?? { host, samples: 0, avg: 0, max: Number.NEGATIVE_INFINITY };
        const total = before.samples + samples;
        ranked.set(host, {
          host,
          samples: total,
          avg: (before.avg * before.samples + (avg[index] as number) * samples) / total,
          max: Math.max(before.max, max[index] as number),
        });
      }
      return [...ranked.values()];
    },
    deleteHoursBefore: (beforeMs) => {
      for (const [key, { startMs }] of hours) if (startMs < beforeMs) hours.delete(key);
    },
    annotate: (host, annotation) =>
      void annotations.set(`${host} ${annotation.atMs} ${annotation.kind} ${annotation.text}`, {
        host,
        ...annotation,
      }),
    annotations: (host, fromMs, toMs) =>
      [...annotations.values()]
        .filter((one) => one.host === host && one.atMs < toMs && (one.untilMs ?? one.atMs) >= fromMs)
        .map(({ host: _, ...annotation }) => annotation)
        .sort((a, b) => a.atMs - b.atMs),
    deleteAnnotationsBefore: (beforeMs) => {
      for (const [key, { atMs }] of annotations) if (atMs < beforeMs) annotations.delete(key);
    },
    size: () => {
      let usedBytes = 0;
      for (const { data } of blocks.values()) usedBytes += data.byteLength;
      return { usedBytes, fileBytes: 0, freeDiskBytes: null };
    },
    backUp: () => Promise.reject(new HistoryError('closed', 'a history in memory has no file')),
    shrink: () => false,
    [Symbol.dispose]: () => {},
  };
}
