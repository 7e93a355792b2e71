import type { RolloutHead } from '@booner/protocol';
import { isRolloutSettled } from '@booner/protocol/rollout-ends';
import { useBoonerClient } from '@booner/react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Layers } from 'lucide-react';
import { type KeyboardEvent, memo } from 'react';
import { useAccess } from '../../access/use-access.ts';
import { Loaded } from '../../alerts/loaded.tsx';
import { formatCount } from '../../format/numbers.ts';
import { asSentence } from '../../live/connection-words.ts';
import { creatorName } from '../../tasks/creator-name.ts';
import { paramsText } from '../../tasks/params-text.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { TimeAgo } from '../../ui/time-ago.tsx';
import { RolloutBar } from '../rollout-bar.tsx';
import { batchText } from '../rollout-status.ts';
import { RolloutsPage } from '../rollouts-page.tsx';
import { RolloutStatusWord } from '../status-words.tsx';

const PAGE_ROLLOUTS = 50;
/** No stream reports rollouts. */
const BUSY_INTERVAL_MS = 2000;
const IDLE_INTERVAL_MS = 10_000;

/** All rollouts, newest first. */
export function RolloutsView() {
  const client = useBoonerClient();
  const list = useInfiniteQuery({
    queryKey: ['rollouts'],
    queryFn: ({ pageParam: after, signal }) => client.listRollouts({ after, limit: PAGE_ROLLOUTS, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    staleTime: 0,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ rollouts }) => rollouts.some((head) => !isRolloutSettled(head)))
        ? BUSY_INTERVAL_MS
        : IDLE_INTERVAL_MS,
  });
  const mayStart = useAccess().may('operator');
  return (
    <RolloutsPage
      title="Rollouts"
      commands={
        mayStart && (
          <Link to="/dashboard/rollouts/new" className={buttonClass('primary')}>
            <Layers size={16} aria-hidden="true" />
            New rollout
          </Link>
        )
      }
    >
      <Loaded query={list} what="the rollouts">
        {({ pages }) => {
          const rollouts = pages.flatMap((page) => page.rollouts);
          if (rollouts.length === 0) return <NoRollouts />;
          return (
            <>
              <ul
                aria-label="Rollouts"
                data-rows
                onKeyDown={moveInList}
                className="divide-y divide-line overflow-clip rounded-md border border-line bg-panel"
              >
                {rollouts.map((head) => (
                  <RolloutRow key={head.id} head={head} />
                ))}
              </ul>
              {list.hasNextPage && (
                <Button
                  variant="ghost"
                  className="self-center"
                  onClick={() => void list.fetchNextPage()}
                  disabled={list.isFetchingNextPage}
                  focusableWhenDisabled
                >
                  {list.isFetchingNextPage ? 'Loading …' : 'Load older'}
                </Button>
              )}
            </>
          );
        }}
      </Loaded>
    </RolloutsPage>
  );
}

const NoRollouts = () => (
  <EmptyState title="No rollouts yet">
    A rollout runs one action on many targets, batch by batch, and stops when too many of them fail.
  </EmptyState>
);

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

/** Arrow keys move between the links to the rollouts. */
function moveInList(event: KeyboardEvent<HTMLElement>): void {
  const step = STEPS[event.key];
  if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('a')];
  const next = links[links.indexOf(document.activeElement as HTMLElement) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

const RolloutRow = memo(function RolloutRow({ head }: { readonly head: RolloutHead }) {
  const { id, status, request, counts, reason, createdBy, schedule, hook, createdAtMs } = head;
  const trigger = schedule === null ? hook && `the hook ${hook}` : `the schedule ${schedule}`;
  const by = trigger ?? (createdBy && creatorName(createdBy));
  const params = paramsText(request.params);
  return (
    <li className="relative grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 px-3 py-2.5 hover:bg-raised has-[a:focus-visible]:bg-raised sm:grid-cols-[9rem_minmax(0,1fr)_minmax(12rem,20rem)_8rem] sm:items-center">
      <span className="live-value max-sm:order-2">
        <RolloutStatusWord status={status} />
      </span>
      <div className="min-w-0 max-sm:order-1 max-sm:col-span-2">
        <Link
          to="/dashboard/rollouts/$rolloutId"
          params={{ rolloutId: id }}
          tabIndex={0}
          className="font-semibold wrap-anywhere after:absolute after:inset-0 after:content-[''] focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {request.action}
        </Link>
        <p className="truncate text-sm text-muted" title={`${params} on ${request.selector}`}>
          {params !== '' && `${params} `}on <span className="font-mono">{request.selector}</span>
        </p>
        {reason !== null && <p className="text-sm wrap-anywhere">{asSentence(reason)}</p>}
      </div>
      <div className="max-sm:order-4 max-sm:col-span-2">
        <RolloutBar counts={counts} label={`Progress of ${request.action}`} />
        <p className="text-sm text-muted">
          {formatCount(sumOf(counts))} hosts, {batchText(head)}
        </p>
      </div>
      <p className="text-right text-sm text-muted max-sm:order-3">
        <TimeAgo atMs={createdAtMs} />
        {by !== null && <span className="block truncate max-sm:inline"> by {by}</span>}
      </p>
    </li>
  );
});

const sumOf = (counts: RolloutHead['counts']): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);
