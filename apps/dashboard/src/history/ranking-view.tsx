import type { HistoryRanking } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import clsx from 'clsx';
import { formatCount } from '../format/numbers.ts';
import { formatRange } from '../format/times.ts';
import { readSelector } from '../labels/read-selector.ts';
import { useFleet } from '../live/use-fleet.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { FormAlert } from '../ui/form-alert.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { useTitle } from '../ui/use-title.ts';
import { MAX_COMPARED } from './compare-search.ts';
import { HistoryOff } from './history-off.tsx';
import { MetricSelect } from './metric-select.tsx';
import { DEFAULT_METRIC, METRIC_SHAPES, type MetricShape } from './metric-shapes.ts';
import { RangePicker } from './range-picker.tsx';
import { DEFAULT_RANKING_RANGE, RANKING_RANGES } from './ranking-search.ts';
import { useRecording } from './recording-query.ts';

const route = getRouteApi('/dashboard/ranking');
const REFRESH_MS = 60_000;
const TOP = 50;
const COMPARED = 5;

/** The targets with the highest values of a metric over a range. */
export function RankingView() {
  useTitle('Ranking');
  const isOff = useRecording()?.state === 'off';
  return isOff ? <HistoryOff title="Ranking" /> : <Ranking />;
}

function Ranking() {
  const client = useBoonerClient();
  const {
    metric = DEFAULT_METRIC,
    by = 'avg' as const,
    range = DEFAULT_RANKING_RANGE,
    q,
  } = route.useSearch();
  const navigate = route.useNavigate();
  // An empty field has no selector. An empty selector in the address selects nothing.
  const selector = q === undefined ? null : readSelector(q);
  const issue = selector?.type === 'issue' ? selector.text : null;
  const query = { metric, by, span: { range }, selector: q, top: TOP };
  const { data, error } = useQuery({
    queryKey: ['ranking', query],
    queryFn: ({ signal }) => client.rankTargets(query, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
    enabled: issue === null,
  });
  const shape = METRIC_SHAPES[metric];
  const change = (next: Partial<ReturnType<typeof route.useSearch>>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false });
  const first = data?.targets.slice(0, COMPARED).map(({ host }) => host) ?? [];
  return (
    <div className="flex flex-col gap-4">
      <h1 className="text-xl font-semibold outline-none">
        Highest {shape.name} <span className="font-normal text-muted">in the last {formatRange(range)}</span>
      </h1>
      <div className="flex flex-wrap items-center gap-2">
        <MetricSelect label="Metric" value={metric} onChange={(next) => change({ metric: next })} />
        <RangePicker ranges={RANKING_RANGES} chosen={range} usual={DEFAULT_RANKING_RANGE} />
        <fieldset className="flex overflow-clip rounded-md border border-line bg-panel">
          <legend className="sr-only">Rank by</legend>
          <ByButton isChosen={by === 'avg'} onChoose={() => change({ by: undefined })}>
            Average
          </ByButton>
          <ByButton isChosen={by === 'max'} onChoose={() => change({ by: 'max' })}>
            Maximum
          </ByButton>
        </fieldset>
        <SearchField
          label="Selector"
          title="Labels of the targets to rank, such as role=db,env!=prod"
          isMain
          value={q ?? ''}
          onChange={(text) => change({ q: text === '' ? undefined : text })}
          className="w-56 max-sm:flex-1"
        />
        {first.length > 1 && (
          <Link
            to="/dashboard/compare"
            search={{
              hosts: first.slice(0, MAX_COMPARED).join(),
              metric: metric === DEFAULT_METRIC ? undefined : metric,
              range: range === DEFAULT_RANKING_RANGE ? undefined : range,
            }}
            className={buttonClass('plain')}
          >
            Compare the first {first.length}
          </Link>
        )}
      </div>
      <FormAlert text={issue ?? (error === null ? null : `Could not load the ranking: ${error.message}`)} />
      {data?.targets.length === 0 && (
        <EmptyState title="No target has values of this metric in this range">
          Choose a longer range or another metric{selector === null ? '' : ', or change the selector'}.
        </EmptyState>
      )}
      {data !== undefined && data.targets.length > 0 && (
        <RankingTable ranking={data} shape={shape} range={range} />
      )}
    </div>
  );
}

type ByButtonProps = {
  readonly isChosen: boolean;
  readonly onChoose: () => void;
  readonly children: string;
};

const ByButton = ({ isChosen, onChoose, children }: ByButtonProps) => (
  <Button
    aria-pressed={isChosen}
    onClick={onChoose}
    className="h-[30px] rounded-none border-0 text-muted aria-pressed:bg-raised aria-pressed:font-semibold aria-pressed:text-ink pointer-coarse:h-[38px]"
  >
    {children}
  </Button>
);

type RankingTableProps = {
  readonly ranking: HistoryRanking;
  readonly shape: MetricShape;
  readonly range: string;
};

const cellClass = 'border-b border-line px-2 py-1.5 whitespace-nowrap first:pl-4 last:pr-4';

function RankingTable({ ranking: { targets, by }, shape, range }: RankingTableProps) {
  const labels = useFleet((fleet) => fleet.targets);
  const top = Math.max(shape.maxTop ?? 0, ...targets.map(({ max }) => max));
  return (
    <div className="overflow-x-auto rounded-md border border-line bg-panel">
      <table aria-label="Ranking" className="w-full border-separate border-spacing-0">
        <thead>
          <tr className="text-sm text-muted">
            <th scope="col" className={clsx(cellClass, 'w-10 text-right font-normal')}>
              #
            </th>
            <th scope="col" className={clsx(cellClass, 'text-left font-normal')}>
              Host
            </th>
            <th scope="col" className={clsx(cellClass, 'text-left font-normal max-sm:hidden')}>
              Label
            </th>
            {(['avg', 'max'] as const).map((each) => (
              <th
                key={each}
                scope="col"
                aria-sort={each === by ? 'descending' : undefined}
                className={clsx(
                  cellClass,
                  'w-1/3 text-right',
                  each === by ? 'font-semibold text-ink' : 'font-normal max-sm:hidden',
                )}
              >
                {each === 'avg' ? 'Average' : 'Maximum'}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {targets.map((target, index) => (
            <tr key={target.host} className="hover:bg-raised">
              <td className={clsx(cellClass, 'text-right text-muted')}>{formatCount(index + 1)}</td>
              <td className={cellClass}>
                <Link
                  to="/dashboard/targets/$host"
                  params={{ host: target.host }}
                  search={{ range }}
                  className="font-semibold hover:underline pointer-coarse:py-2.5"
                >
                  {target.host}
                </Link>
              </td>
              <td className={clsx(cellClass, 'max-w-48 truncate text-muted max-sm:hidden')}>
                {labels?.get(target.host)?.label}
              </td>
              {(['avg', 'max'] as const).map((each) => (
                <td key={each} className={clsx(cellClass, each !== by && 'max-sm:hidden')}>
                  <ValueBar share={top > 0 ? target[each] / top : 0} isMain={each === by}>
                    {shape.format(target[each])}
                  </ValueBar>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type ValueBarProps = { readonly share: number; readonly isMain: boolean; readonly children: string };

const ValueBar = ({ share, isMain, children }: ValueBarProps) => (
  <span className="flex items-center gap-2">
    <span aria-hidden="true" className="block h-2 min-w-8 flex-1 overflow-hidden rounded-full bg-raised">
      <span
        className={clsx('block h-full origin-left rounded-full', isMain ? 'bg-accent' : 'bg-line-strong')}
        style={{ transform: `scaleX(${Math.min(1, Math.max(0, share))})` }}
      />
    </span>
    <span className="min-w-16 text-right">{children}</span>
  </span>
);
