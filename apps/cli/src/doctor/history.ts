import type { HistoryStats } from '@booner/protocol';
import { ageText, bytesText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type CheckResult, fail, ok, skip, warn } from './check.ts';
import { httpGet, parseJson } from './http-get.ts';

/** From here on, the oldest data is deleted before its time. */
const FULL_RATIO = 0.95;
/** Minutes are stored at once after they end. */
const STALE_MS = 5 * 60_000;

/** Checks that the hub records its history, and has room for it. */
export async function checkHistory(url: string, token: string | null): Promise<readonly CheckResult[]> {
  const outcome = await httpGet(`${url}/history/stats`, token);
  if (outcome.type === 'none') return [fail(`no response (${outcome.code})`, 'run `booner history stats`')];
  switch (outcome.status) {
    case 200:
      return resultsOf(parseJson(outcome.text) as HistoryStats, Date.parse(outcome.headers.date ?? ''));
    case 403:
      return [skip('the token may not read the state of the history')];
    case 404:
      return [skip('this hub is older and keeps the last 15 minutes only')];
    case 409:
      return [skip('this hub keeps the last 15 minutes only: BOONER_HISTORY_DIR is off')];
    default:
      return [
        fail(
          `the hub does not report the state of its history (status ${outcome.status})`,
          'run `booner history stats`; the reason is in `journalctl -u booner-hub`',
        ),
      ];
  }
}

function resultsOf(stats: HistoryStats, hubMs: number): readonly CheckResult[] {
  const { recording, usedBytes, maxBytes, freeDiskBytes, minFreeBytes, lastStoredMs } = stats;
  if (recording.state === 'stopped') {
    return [fail(`the history is not recorded: ${safeText(recording.reason)}`, remedyOf(recording.reason))];
  }
  const nowMs = Number.isNaN(hubMs) ? Date.now() : hubMs;
  const problems: CheckResult[] = [];
  if (usedBytes >= FULL_RATIO * maxBytes) {
    problems.push(
      warn(
        `the history takes ${bytesText(usedBytes)} of ${bytesText(maxBytes)}: the oldest of its finest data is deleted early`,
        'raise BOONER_HISTORY_MAX_SIZE of the hub, or shorten BOONER_HISTORY_KEEP',
      ),
    );
  }
  if (freeDiskBytes !== null && freeDiskBytes < 2 * minFreeBytes) {
    problems.push(
      warn(
        `${bytesText(freeDiskBytes)} of disk are free; the history stops below ${bytesText(minFreeBytes)}`,
        "free some space on the hub's disk, or move the history with BOONER_HISTORY_DIR",
      ),
    );
  }
  if (lastStoredMs === null || nowMs - lastStoredMs > STALE_MS) {
    problems.push(
      warn(
        lastStoredMs === null
          ? 'nothing was stored since the hub started'
          : `the last minute was stored ${ageText(lastStoredMs, nowMs)}`,
        'wait two minutes and run this again; then look at `journalctl -u booner-hub -n 50`',
      ),
    );
  }
  if (problems.length > 0) return problems;
  const stored = `last stored ${ageText(lastStoredMs, nowMs)}`;
  return [ok(`the history is recorded: ${bytesText(usedBytes)} of ${bytesText(maxBytes)}, ${stored}`)];
}

/** Returns a hint for a history that is not recorded, based on the reason that the hub gives. */
function remedyOf(reason: string): string {
  if (/another hub/.test(reason)) return 'set BOONER_HISTORY_DIR of one of the hubs to another folder';
  if (/newer version/.test(reason))
    return 'upgrade this hub, or set BOONER_HISTORY_DIR to another folder to begin a new history';
  if (/BOONER_HISTORY_MIN_FREE|full/.test(reason))
    return "free some space on the hub's disk; recording then starts again by itself within 10 s";
  return "check that the hub's user may write to its BOONER_HISTORY_DIR, and that the disk works";
}
