import { useBoonerClient } from '@booner/react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { AdminsOnly } from '../access/admins-only.tsx';
import { formatCount } from '../format/numbers.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Panel } from '../ui/panel.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { useTitle } from '../ui/use-title.ts';
import { AuditTable } from './audit-table.tsx';
import { filterEntries } from './filter-entries.ts';

const PAGE_ENTRIES = 200;
/** Refresh interval of the newest page, until older ones are loaded. */
const LOOK_AGAIN_MS = 10_000;

const route = getRouteApi('/dashboard/audit');

/** Shows who did what, from where, and whether it was allowed. */
export function AuditView() {
  useTitle('Audit');
  return (
    <AdminsOnly title="Audit log">
      <AuditLog />
    </AdminsOnly>
  );
}

function AuditLog() {
  const client = useBoonerClient();
  const { q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const log = useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ pageParam: before, signal }) => client.readAudit({ before, limit: PAGE_ENTRIES, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    staleTime: 0,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : LOOK_AGAIN_MS),
  });
  const entries = useMemo(() => log.data?.pages.flatMap((page) => page.entries) ?? null, [log.data]);
  const shown = useMemo(() => (entries === null ? [] : filterEntries(entries, q)), [entries, q]);
  const search = (text: string) =>
    void navigate({ search: { q: text === '' ? undefined : text }, replace: true, resetScroll: false });
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h1 className="text-xl font-semibold outline-none">Audit log</h1>
        <SearchField
          label="Filter entries"
          isMain
          value={q}
          onChange={search}
          className="w-72 max-sm:w-full"
        />
      </div>
      {entries === null ? (
        <Panel className="min-h-40">
          {log.isError ? (
            <div role="alert">
              <EmptyState title="Could not load the audit log">
                <p className="mb-4">{log.error.message}</p>
                <Button variant="primary" onClick={() => void log.refetch()}>
                  Try again
                </Button>
              </EmptyState>
            </div>
          ) : (
            <p role="status" className="py-10 text-center text-muted">
              Loading the audit log …
            </p>
          )}
        </Panel>
      ) : shown.length > 0 ? (
        <AuditTable entries={shown} />
      ) : (
        <Panel>
          <EmptyState title={entries.length === 0 ? 'Nothing yet' : 'No entries match'}>
            {entries.length === 0 ? (
              'Sign-ins, tasks and changes of access will be listed here.'
            ) : (
              <>
                <p className="mb-4">
                  Only the loaded entries were searched. Load older ones to search them too.
                </p>
                <Button onClick={() => search('')}>Clear filter</Button>
              </>
            )}
          </EmptyState>
        </Panel>
      )}
      {entries !== null && entries.length > 0 && (
        <div className="flex min-h-10 flex-wrap items-center justify-center gap-3 text-sm text-muted">
          <p role="status">
            {log.isFetchNextPageError ? (
              <span className="text-bad">Could not load older entries: {log.error.message}</span>
            ) : (
              <>
                {shown.length === entries.length
                  ? `${formatCount(entries.length)} entries`
                  : `${formatCount(shown.length)} of ${formatCount(entries.length)} entries`}
                {!log.hasNextPage && ', all that the hub keeps'}
              </>
            )}
          </p>
          {log.hasNextPage && (
            <Button
              onClick={() => void log.fetchNextPage()}
              disabled={log.isFetchingNextPage}
              focusableWhenDisabled
            >
              {log.isFetchingNextPage ? 'Loading …' : 'Load older'}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
