import type { HostActions } from '@booner/client';
import { AddHostButton } from '../add-host/add-host-button.tsx';
import { useFleet } from '../live/use-fleet.ts';
import { EmptyState } from '../ui/empty-state.tsx';

/** Explains why nothing can run on a target, and how to fix that. The view refreshes by itself. */
export function RunnerGuide({ host, online }: Pick<HostActions, 'host' | 'online'>) {
  const isOffline = useFleet(({ targets }) => targets.get(host)?.status === 'offline') ?? false;
  if (!online && isOffline) {
    return (
      <EmptyState title={`${host} is offline`}>
        Nothing can run on it until it is back. This page continues automatically.
      </EmptyState>
    );
  }
  if (!online) {
    return (
      <EmptyState title={`No runner on ${host}`} command="sudo systemctl status booner-runner">
        <p className="mb-4">
          A target needs a runner to run tasks. If it has none, add the host again and allow tasks. If it has
          one, this command on {host} shows why it is not connected. This page continues automatically.
        </p>
        <AddHostButton host={host} />
      </EmptyState>
    );
  }
  return (
    <EmptyState title={`${host} offers no actions`} command="booner-runner check">
      Its runner is connected but has no action files. Add some to /etc/booner/actions.d on {host}. This
      command checks them.
    </EmptyState>
  );
}
