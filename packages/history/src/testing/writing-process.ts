import { createHistory } from '../memory-history.ts';
import { openSqliteBlocks } from '../open-sqlite-blocks.ts';
import { DEFAULT_RETENTION } from '../tiers.ts';
import { sampleOf } from './samples.ts';

/**
 * Records a minute after another, as fast as it can, and prints each that was committed as its
 * number since 1970. Arguments: folder, first minute.
 */
const [directory = '', firstMinute = ''] = process.argv.slice(2);
const MINUTE_MS = 60_000;
const say = (problem: unknown) => process.stderr.write(`${JSON.stringify(problem)}\n`);
let nowMs = Number(firstMinute) * MINUTE_MS;
const history = createHistory({
  open: () => openSqliteBlocks(directory, { onDamage: say }),
  retention: DEFAULT_RETENTION,
  maxBytes: Number.POSITIVE_INFINITY,
  minFreeBytes: 0,
  nowMs: () => nowMs,
  monotonicMs: () => nowMs,
  onClockDoubt: say,
  onRecording: say,
});
for (;;) {
  const minute = nowMs / MINUTE_MS;
  for (const endMs = nowMs + MINUTE_MS; nowMs < endMs; nowMs += 3000) {
    for (const host of ['10.0.0.2', '10.0.0.3'])
      history.append({ host, atMs: nowMs, intervalMs: 3000, measurements: sampleOf(Math.random()) });
  }
  const { recording } = await history.stats();
  if (recording.state === 'recording') process.stdout.write(`${minute}\n`);
}
