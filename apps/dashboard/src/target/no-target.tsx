import { HOST_ID_RULE } from '@booner/protocol/host-id';
import { Link } from '@tanstack/react-router';
import { buttonClass } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';

/** Nothing is registered by this name. */
export function NoTarget({ host }: { readonly host: string }) {
  return (
    <div className="flex flex-col items-center">
      <h1 className="sr-only">{host}</h1>
      <EmptyState title={`There is no target ${host}`} command={agentCommand(host)}>
        It was never heard of, or it was removed. To add it, start an agent there, with the address of your
        Redis:
      </EmptyState>
      <Link to="/" className={buttonClass()}>
        All targets
      </Link>
    </div>
  );
}

/** No target can have this name. No command is made of it: it may be anything that stood in a link. */
export function NoHostId({ text }: { readonly text: string }) {
  return (
    <div className="flex flex-col items-center">
      <h1 className="sr-only">{text}</h1>
      <EmptyState title={`There is no target ${text}`}>A target is named by {HOST_ID_RULE}.</EmptyState>
      <Link to="/" className={buttonClass()}>
        All targets
      </Link>
    </div>
  );
}

/** It is expected, and its agent has not reported yet. */
export function NotHeard({ host }: { readonly host: string }) {
  return (
    <EmptyState title="Its agent has not reported yet" command={agentCommand(host)}>
      The target is registered. Start an agent on it, with the address of your Redis:
    </EmptyState>
  );
}

const agentCommand = (host: string): string =>
  `REDIS_URL=redis://10.0.0.1:6379 BOONER_HOST_ID=${host} npm run agent`;
