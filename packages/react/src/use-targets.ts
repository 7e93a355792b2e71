import type { BoonerClient, Fleet } from '@booner/client';
import type { TargetSummary } from '@booner/protocol';
import { type Delivered, deliver, NOT_YET } from './delivery.ts';
import { deriveStore, perClient } from './derive-store.ts';
import { useStore } from './use-store.ts';
import { useWithAge, type WithAge } from './use-with-age.ts';

type View = Delivered & {
  /** By host, empty while loading. An unchanged target stays the same object. */
  readonly targets: readonly TargetSummary[];
};

export type TargetsView = WithAge<View>;

const NONE: readonly TargetSummary[] = [];
const INITIAL: View = { targets: NONE, ...NOT_YET };

const connectionOf = ({ connections }: BoonerClient) => connections.fleet;

const viewOf = perClient<View>((client) => {
  const list = deriveStore<[Fleet | null], readonly TargetSummary[] | null>([client.fleet], ([fleet]) =>
    fleet === null ? null : [...fleet.targets.values()],
  );
  return deliver(list, connectionOf(client), (targets, delivered) => ({
    targets: targets ?? NONE,
    ...delivered,
  }));
});

/** Returns every target in brief, with numbers. */
export function useTargets(): TargetsView {
  return useWithAge(useStore(viewOf, INITIAL), connectionOf);
}
