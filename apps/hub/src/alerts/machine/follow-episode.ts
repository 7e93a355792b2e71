import type { AlertEffectType, AlertSeverity, Episode, MuteReason } from '@booner/protocol';
import type { Change } from './alert-change.ts';
import { isWorse } from './alert-level.ts';
import { episodeId } from './episode-id.ts';
import { countChange, staysFlapping } from './flapping.ts';

/** Mutes that people set: they expect a summary of what still fires. */
const SUMMARIZED: readonly MuteReason[] = ['silence', 'quiet_hours'];

/**
 * Updates the episode to the condition, and emits what people must be notified of: at most one
 * effect for each input.
 * @param raised severity of the condition after `for` and `keepFor`; `null`: it is not raised
 */
export function followCondition(change: Change, raised: AlertSeverity | null): void {
  if (change.episode === null && raised === null) return;
  change.episode = {
    ...(change.episode ?? newEpisode(change, raised!)),
    ...(raised !== null && { severity: raised }),
  };
  if (change.flapping !== null) {
    if (staysFlapping(change, raised)) return;
    change.episode.isSummaryDue = true;
  }
  if (change.mutes.length > 0) followSilently(change, change.episode, raised);
  else if (raised === null) resolve(change);
  else notify(change, change.episode, raised);
}

/** An episode that people know of stays open while it is muted, so that they learn of its end. */
function followSilently(change: Change, episode: Episode, raised: AlertSeverity | null): void {
  if (episode.notified === null) {
    if (raised === null) change.episode = null;
    else episode.isSummaryDue = true;
  } else if (change.mutes.some((reason) => SUMMARIZED.includes(reason))) {
    episode.isSummaryDue = true;
  }
}

/** Ends the episode of the change, if there is one, and notifies those who know of it. */
export function endEpisode(change: Change): void {
  if (change.episode !== null && change.episode.notified !== null) emit(change, change.episode, 'resolve');
  change.episode = null;
  change.flapping = null;
}

function resolve(change: Change): void {
  if (change.episode!.notified !== null && countChange(change, null)) {
    emit(change, change.episode!, 'flapping');
  } else {
    endEpisode(change);
  }
}

function notify(change: Change, episode: Episode, raised: AlertSeverity): void {
  const wasSilent = episode.isSummaryDue;
  const isAcknowledged = episode.acknowledged !== null;
  episode.isSummaryDue = false;
  if (isWorse(raised, episode.notified)) {
    const isFirst = episode.notified === null;
    const news = isFirst ? 'open' : 'worsen';
    episode.notified = raised;
    const type = wasSilent && (isFirst || !isAcknowledged) ? 'summary' : news;
    emit(change, episode, countChange(change, raised) ? 'flapping' : type);
  } else if (!isAcknowledged) {
    if (wasSilent) emit(change, episode, 'summary');
    else if (isFiring(change, raised)) remind(change, episode);
  }
}

/** While the condition is unknown, or well again, there is no reason to repeat anything. */
function isFiring({ warn, crit }: Change, raised: AlertSeverity): boolean {
  const condition = raised === 'crit' ? crit : warn;
  return condition?.isMet === true && condition.sinceMs !== null;
}

function remind(change: Change, episode: Episode): void {
  const { repeatMs, escalate } = change.context.rule;
  const step = escalate[episode.escalations];
  if (step !== undefined && change.atMs - episode.firstNotifiedAtMs! >= step.afterMs) {
    episode.escalations += 1;
    emit(change, episode, 'escalate', step.channels);
  } else if (repeatMs !== null && change.atMs - episode.lastNotifiedAtMs! >= repeatMs) {
    emit(change, episode, 'reminder');
  }
}

const newEpisode = ({ atMs, context }: Change, severity: AlertSeverity): Episode => ({
  id: episodeId(context.rule.name, context.subject, atMs),
  startedAtMs: atMs,
  severity,
  notified: null,
  firstNotifiedAtMs: null,
  lastNotifiedAtMs: null,
  escalations: 0,
  acknowledged: null,
  isSummaryDue: false,
});

function emit(
  change: Change,
  episode: Episode,
  type: AlertEffectType,
  channels: readonly string[] = change.context.rule.channels,
): void {
  const { atMs, reading, context } = change;
  // The escalation chain starts when people learn of the alert.
  if (episode.firstNotifiedAtMs === null || type === 'summary') episode.firstNotifiedAtMs = atMs;
  episode.lastNotifiedAtMs = atMs;
  change.effects.push({
    type,
    rule: context.rule.name,
    host: context.subject.host,
    device: context.subject.device,
    episode: episode.id,
    severity: episode.severity,
    atMs,
    sinceMs: episode.startedAtMs,
    // JSON has no infinity.
    reading: Number.isFinite(reading) ? reading : null,
    channels,
  });
}
