import type { AlertBus, ReadAlert } from '@booner/bus';
import { shardOf } from '@booner/protocol/shard';
import { type AlertBoard, isOpen, type OpenAlert } from './board/alert-board.ts';
import { acknowledge } from './machine/alert-machine.ts';

export type AcknowledgeDeps = {
  readonly bus: Pick<AlertBus, 'change'>;
  readonly board: Pick<AlertBoard, 'requireLoaded'>;
  /** Unix time. */
  readonly nowMs: () => number;
};

export type Acknowledgement = { readonly episode: string; readonly by: string };

/** Each conflict means that another change of the alert was stored meanwhile. */
const MAX_ATTEMPTS = 10;

/**
 * - `not_open`: the episode has ended, or never was.
 * - `busy`: the alert changed each time before the acknowledgement was stored, so it was not.
 */
export type AcknowledgeOutcome =
  | { readonly type: 'acknowledged'; readonly alert: OpenAlert }
  | { readonly type: 'not_open' | 'busy' };

/**
 * Acknowledges an open episode, from any hub. The first acknowledgement counts: repeating it
 * changes nothing. Rejects with BusError.
 */
export async function acknowledgeEpisode(
  { bus, board, nowMs }: AcknowledgeDeps,
  { episode, by }: Acknowledgement,
): Promise<AcknowledgeOutcome> {
  let current: ReadAlert | null = board.requireLoaded().findEpisode(episode);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const alert = openAlert(current, episode);
    if (alert === null) return { type: 'not_open' };
    const atMs = nowMs();
    const memory = acknowledge(alert.memory, { atMs, episode, by });
    if (memory === alert.memory) return { type: 'acknowledged', alert };
    const { rule, host, device } = alert;
    const after = { ...alert, memory: { ...memory, episode: memory.episode! }, changedAtMs: atMs };
    const change = { key: { rule, host, device }, before: current!.text, after, inputs: [], ended: null };
    const outcomes = await bus.change(shardOf(host), null, [change]);
    if (outcomes === 'not_held') throw new Error('an acknowledgement needs no lease');
    const outcome = outcomes[0]!;
    if (outcome.type === 'changed') return { type: 'acknowledged', alert: after };
    ({ current } = outcome);
  }
  return { type: 'busy' };
}

const openAlert = (read: ReadAlert | null, episode: string): OpenAlert | null =>
  read !== null && isOpen(read.alert) && read.alert.memory.episode.id === episode ? read.alert : null;
