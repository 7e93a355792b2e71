import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Panel } from '../ui/panel.tsx';

export type LoadedProps<T> = {
  readonly query: Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch'>;
  /** Names the data in messages, such as "the rules". */
  readonly what: string;
  readonly children: (data: T) => ReactNode;
};

/** Shows what a query has loaded, or why it could not. */
export function Loaded<T>({ query: { data, error, refetch }, what, children }: LoadedProps<T>) {
  if (data !== undefined) return children(data);
  return (
    <Panel className="min-h-40">
      {error !== null ? (
        <div role="alert">
          <EmptyState title={`Could not load ${what}`}>
            <p className="mb-4">{error.message}</p>
            <Button variant="primary" onClick={() => void refetch()}>
              Try again
            </Button>
          </EmptyState>
        </div>
      ) : (
        <p role="status" className="py-10 text-center text-muted">
          Loading {what} …
        </p>
      )}
    </Panel>
  );
}
