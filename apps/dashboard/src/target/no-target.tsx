import { HOST_ID_RULE } from '@booner/protocol/host-id';
import { Link } from '@tanstack/react-router';
import { AddHostButton } from '../add-host/add-host-button.tsx';
import { buttonClass } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';

/** Shown for a host that is not registered. */
export function NoTarget({ host }: { readonly host: string }) {
  return (
    <div className="flex flex-col items-center">
      <h1 className="sr-only">{host}</h1>
      <EmptyState title={`Target ${host} not found`}>It was never added, or was removed.</EmptyState>
      <span className="flex gap-2">
        <AddHostButton variant="primary" host={host} />
        <Link to="/" className={buttonClass()}>
          All targets
        </Link>
      </span>
    </div>
  );
}

/**
 * Shown for an invalid host name. It offers no command, since the text may come from a malicious
 * link.
 */
export function NoHostId({ text }: { readonly text: string }) {
  return (
    <div className="flex flex-col items-center">
      <h1 className="sr-only">{text}</h1>
      <EmptyState title={`Target ${text} not found`}>The name of a target is {HOST_ID_RULE}.</EmptyState>
      <Link to="/" className={buttonClass()}>
        All targets
      </Link>
    </div>
  );
}

/** Shown for a host that was added but has not reported yet. */
export function NotReported({ host }: { readonly host: string }) {
  return (
    <EmptyState title="The agent has not reported yet">
      <p className="mb-4">
        The host was added. Run the command that was shown then on it. To get a new command, add the host
        again.
      </p>
      <AddHostButton variant="primary" host={host} />
    </EmptyState>
  );
}
