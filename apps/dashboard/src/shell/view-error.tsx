import type { ErrorComponentProps } from '@tanstack/react-router';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';

/** Stands for a view that failed; the rest of the page goes on. */
export function ViewError({ error, reset }: ErrorComponentProps) {
  return (
    <div role="alert">
      <EmptyState title="This view failed">
        <p className="mb-1">It is a fault of the dashboard, not of your hosts. What it said:</p>
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
