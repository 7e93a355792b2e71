import type { StatusServerMessage, Target, TargetSummary } from '@booner/protocol';

/** The state that a client of version 2 has after the messages it received. */
export type StatusPicture = {
  readonly sequence: number;
  readonly targets: ReadonlyMap<string, Target | TargetSummary>;
  /** Broadcasts between a message and the snapshot after it that the client was not sent. */
  readonly missed: number;
};

/**
 * Applies messages as a client does.
 * @throws Error when a patch does not follow the message before it, or nothing does
 */
export function pictureOf(messages: readonly StatusServerMessage[]): StatusPicture {
  let targets = new Map<string, Target | TargetSummary>();
  let sequence = 0;
  let missed = 0;
  for (const message of messages) {
    switch (message.type) {
      case 'error':
        throw new Error(`the hub refused a message: ${message.detail}`);
      case 'snapshot':
        if (message.sequence < sequence) throw new Error(`snapshot ${message.sequence} after ${sequence}`);
        if (sequence > 0) missed += Math.max(0, message.sequence - sequence - 1);
        targets = new Map(message.targets.map((target) => [target.host, target]));
        break;
      case 'patch':
        if (sequence === 0 || message.sequence !== sequence + 1) {
          throw new Error(`patch ${message.sequence} after ${sequence}`);
        }
        for (const host of message.removedHosts) targets.delete(host);
        for (const target of message.targets) targets.set(target.host, target);
        break;
      case 'waiting':
      case 'pong':
        continue;
      default:
        message satisfies never;
        continue;
    }
    sequence = message.sequence;
  }
  if (sequence === 0) throw new Error('no snapshot came');
  return { sequence, targets, missed };
}
