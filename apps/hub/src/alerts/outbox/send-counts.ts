import type { OutboxDepth } from '@booner/bus';
import type { Metric } from '../../feature/metric.ts';

/**
 * - `delivered`: the other side took it
 * - `failed`: an attempt failed, and another one follows
 * - `rejected`: the other side refused it
 * - `expired`: it was given up after a day
 * - `removed`: its channel does not exist any more
 * - `digested`: it waits for the digest of a channel that gets too many
 */
const OUTCOMES = ['delivered', 'failed', 'rejected', 'expired', 'removed', 'digested'] as const;
export type SendResult = (typeof OUTCOMES)[number];

/** Counts what became of notifications, for `/metrics`. */
export function createSendCounts() {
  const counts = new Map<SendResult, number>(OUTCOMES.map((outcome) => [outcome, 0]));
  let depth: OutboxDepth | null = null;
  const metrics: readonly Metric[] = [
    {
      type: 'counter',
      name: 'booner_hub_notifications_total',
      help: 'Notifications that this hub handled, by what became of them',
      label: 'outcome',
      read: () => counts,
    },
    {
      type: 'gauge',
      name: 'booner_hub_outbox_notifications',
      help: 'Notifications of all hubs that are not delivered: about to be sent, waiting for another attempt, or dead',
      label: 'state',
      read: () => (depth === null ? [] : Object.entries(depth)),
    },
  ];
  return {
    metrics,
    count: (outcome: SendResult): void => void counts.set(outcome, (counts.get(outcome) ?? 0) + 1),
    /** `null`: unknown. */
    setDepth: (next: OutboxDepth | null): void => {
      depth = next;
    },
  };
}
