import { BusError, type RolloutBus } from '@booner/bus';
import { isRolloutSettled, type Rollout } from '@booner/protocol';
import { type Directed, type Direction, directRollout } from './machine/direct-rollout.ts';

/** Hubs that move a rollout on store versions in between. */
const MAX_ATTEMPTS = 20;

export type SteerRolloutDeps = {
  readonly bus: Pick<RolloutBus, 'read' | 'save'>;
  /** Called once a new version was stored. */
  readonly onSteered: () => void;
  readonly nowMs: () => number;
};

/** Carries out what a person asks of a rollout, whichever hub moves it on. */
export function rolloutSteering({ bus, onSteered, nowMs }: SteerRolloutDeps) {
  return async (rollout: Rollout, direction: Direction): Promise<Directed> => {
    let current: Rollout | null = rollout;
    for (let attempt = 0; attempt < MAX_ATTEMPTS && current !== null; attempt += 1) {
      const directed = directRollout(current, direction, nowMs());
      if (!('rollout' in directed) || directed.rollout === current) return directed;
      const { hosts: _, ...head } = directed.rollout;
      const isSettled = isRolloutSettled(head);
      if ((await bus.save(null, { head, hosts: directed.hosts, isSettled })) === 'saved') {
        onSteered();
        return directed;
      }
      current = await bus.read(rollout.id);
    }
    throw new BusError('refused', 'the rollout changes all the time: try again');
  };
}

export type SteerRollout = ReturnType<typeof rolloutSteering>;
