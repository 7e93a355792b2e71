import type { HostActions } from '@booner/client';
import { EmptyState } from '../ui/empty-state.tsx';

/** Why nothing can be run on a target, and what mends it. The page looks again by itself. */
export function RunnerGuide({ host, online }: Pick<HostActions, 'host' | 'online'>) {
  if (!online) {
    return (
      <EmptyState title={`No runner on ${host}`} command="REDIS_URL=redis://MAIN_SERVER:6379 npm run runner">
        <p>
          A target runs tasks when a runner is started there. It is off by default, and separate from the
          agent. Add the host again with tasks allowed, or start a runner on {host} by hand, as
          docs/actions.md says. This page goes on by itself.
        </p>
      </EmptyState>
    );
  }
  return (
    <EmptyState title={`${host} offers no actions`} command="npm run runner -- check /etc/booner/actions.d">
      <p>
        Its runner is there, but has no action files. Put some into /etc/booner/actions.d on {host}, as
        docs/actions.md says. This command says what is wrong with them.
      </p>
    </EmptyState>
  );
}
