import { useBoonerClient } from '@booner/react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ENDED_KEY } from '../alert-queries.ts';
import { ListPanel } from '../list-panel.tsx';
import { Loaded } from '../loaded.tsx';
import { AlertRow } from './alert-row.tsx';

const PAGE_ALERTS = 25;

export type AlertHistoryProps = { readonly host: string | undefined; readonly rule: string | undefined };

/** Alerts that have ended, those that ended last first. */
export function AlertHistory({ host, rule }: AlertHistoryProps) {
  const client = useBoonerClient();
  const history = useInfiniteQuery({
    queryKey: [...ENDED_KEY, host, rule],
    queryFn: ({ pageParam: before, signal }) =>
      client.listAlerts({ status: 'resolved', host, rule, before, limit: PAGE_ALERTS, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    staleTime: 0,
  });
  return (
    <Loaded query={history} what="the history">
      {({ pages }) => {
        const alerts = pages.flatMap((page) => page.alerts);
        return (
          <ListPanel title="History">
            {alerts.length === 0 ? (
              <div className="border-t border-line">
                <EmptyState title="No alerts have ended yet" />
              </div>
            ) : (
              <ul className="divide-y divide-line border-t border-line">
                {alerts.map((alert) => (
                  <AlertRow key={alert.id} alert={alert} />
                ))}
              </ul>
            )}
            {history.hasNextPage && (
              <p className="flex justify-center border-t border-line p-2">
                <Button
                  variant="ghost"
                  onClick={() => void history.fetchNextPage()}
                  disabled={history.isFetchingNextPage}
                  focusableWhenDisabled
                >
                  {history.isFetchingNextPage ? 'Loading …' : 'Load older'}
                </Button>
              </p>
            )}
          </ListPanel>
        );
      }}
    </Loaded>
  );
}
