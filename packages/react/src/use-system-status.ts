import type { BoonerClient, Fleet } from '@booner/client';
import type { SystemStatus } from '@booner/protocol';
import { deploymentTarget, mainServerTexts } from '@booner/protocol/status-texts';
import { type Delivered, deliver, NOT_YET } from './delivery.ts';
import { deriveStore, perClient } from './derive-store.ts';
import { keepSame } from './keep-same.ts';
import { useStore } from './use-store.ts';
import { useWithAge, type WithAge } from './use-with-age.ts';

type View = Delivered & {
  /** Answer of `GET /system/status`. `null` before the first data. */
  readonly systemStatus: SystemStatus | null;
};

export type SystemStatusView = WithAge<View>;

const INITIAL: View = { systemStatus: null, ...NOT_YET };

const connectionOf = ({ connections }: BoonerClient) => connections.fleet;

const viewOf = perClient<View>((client) => {
  const status = deriveStore<[Fleet | null], SystemStatus | null>([client.fleet], ([fleet], before) => {
    if (fleet === null) return null;
    const known = new Map(before?.deployment_targets.map((target) => [target.host, target]));
    const targets = [...fleet.targets.values()].map((target) =>
      keepSame(known.get(target.host), deploymentTarget(target)),
    );
    return {
      main_server: keepSame(before?.main_server, mainServerTexts(fleet.mainServer)),
      deployment_targets: keepSame(before?.deployment_targets, targets),
    };
  });
  return deliver(status, connectionOf(client), (systemStatus, delivered) => ({ systemStatus, ...delivered }));
});

/** Returns the status of the main server and of every target, in the texts of version 1. */
export function useSystemStatus(): SystemStatusView {
  return useWithAge(useStore(viewOf, INITIAL), connectionOf);
}
