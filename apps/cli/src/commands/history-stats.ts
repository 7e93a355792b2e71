import { HISTORY_TIER_NAMES } from '@booner/protocol/history-metrics';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { ageText, bytesText, timeText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { printFacts } from '../texts/print-facts.ts';

/** Runs `booner history stats`. JSON: the response of `GET /history/stats`. */
export function showHistoryStats(context: Context): Promise<undefined> {
  return withHub(context, async (client) => {
    const stats = await client.readHistoryStats();
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(stats);
    const { recording, lastStoredMs, droppedSamples, droppedMinutes, oldestMs } = stats;
    const { usedBytes, fileBytes, maxBytes, freeDiskBytes, minFreeBytes } = stats;
    const percent = Math.round((100 * usedBytes) / maxBytes);
    printFacts(terminal, [
      [
        'recording',
        recording.state === 'recording'
          ? terminal.style('green', 'yes')
          : terminal.style('red', `no, since ${timeText(recording.sinceMs)}: ${safeText(recording.reason)}`),
      ],
      [
        'last stored',
        lastStoredMs === null ? 'not since the hub started' : ageText(lastStoredMs, Date.now()),
      ],
      ['hosts', stats.hosts],
      ['size', `${bytesText(usedBytes)} of ${bytesText(maxBytes)} (${percent} %)`],
      ['on disk', bytesText(fileBytes)],
      [
        'free disk',
        freeDiskBytes === null ? null : `${bytesText(freeDiskBytes)}, minimum ${bytesText(minFreeBytes)}`,
      ],
      ['lost', lostText(droppedSamples, droppedMinutes)],
      ...HISTORY_TIER_NAMES.map((name) => {
        const atMs = oldestMs[name];
        return [`oldest ${name}`, atMs === null ? null : timeText(atMs)] as const;
      }),
    ]);
  });
}

const lostText = (samples: number, minutes: number): string | null =>
  samples + minutes === 0 ? null : `${samples} samples and ${minutes} minutes since the hub started`;
