import type { HostActions } from '@booner/client';
import { EmptyState } from '../ui/empty-state.tsx';

/** Explains why nothing can run on a target, and how to fix that. The view refreshes by itself. */
export function RunnerGuide({ host, online }: Pick<HostActions, 'host' | 'online'>) {
  if (!online) {
    return (
      <EmptyState title={`No runner on ${host}`} command="REDIS_URL=redis://MAIN_SERVER:6379 npm run runner">
        <p>
          A target needs a runner to run tasks. The runner is separate from the agent and not installed by
          default. Add the host again with tasks allowed, or start a runner on {host} yourself (see
          docs/actions.md). This page continues automatically.
        </p>
      </EmptyState>
    );
  }
  return (
    <EmptyState title={`${host} offers no actions`} command="npm run runner -- check /etc/booner/actions.d">
      <p>
        Its runner is connected, but has no action files. Add some to /etc/booner/actions.d on {host} (see
        docs/actions.md). This command checks them.
      </p>
    </EmptyState>
  );
}
