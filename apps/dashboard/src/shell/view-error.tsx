import { useConnection } from '@booner/react';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { PartMissingError } from './lazy-view.ts';

/** Replaces a view that failed. The rest of the page continues. */
export function ViewError({ error, reset }: ErrorComponentProps) {
  const isHubUnreachable = useConnection().type === 'offline';
  if (error instanceof PartMissingError) {
    return (
      <div role="alert">
        <EmptyState title="This view could not be loaded">
          <p className="mb-4">
            {isHubUnreachable
              ? 'The hub cannot be reached. Reload the page when it is back.'
              : 'The hub was probably upgraded. Reload the page to get its version of the dashboard.'}
          </p>
          <Button
            variant="primary"
            disabled={isHubUnreachable}
            focusableWhenDisabled
            onClick={() => location.reload()}
          >
            Reload the page
          </Button>
        </EmptyState>
      </div>
    );
  }
  return (
    <div role="alert">
      <EmptyState title="This view failed">
        <p className="mb-1">This is an error in the dashboard. Your hosts are not affected. Details:</p>
        <p className="mb-4 font-mono text-sm break-words">
          {error instanceof Error ? error.message : String(error)}
        </p>
        <span className="flex justify-center gap-2">
          <Button variant="primary" onClick={reset}>
            Try again
          </Button>
          <Button onClick={() => location.reload()}>Reload the page</Button>
        </span>
      </EmptyState>
    </div>
  );
}
