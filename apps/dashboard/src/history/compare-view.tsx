import { useBoonerClient } from '@booner/react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Plus, X } from 'lucide-react';
import { useCallback, useId, useMemo, useState } from 'react';
import { type TimeSpan, ZoomContext } from '../charts/zoom-context.ts';
import { formatMinute } from '../format/times.ts';
import { useFleet } from '../live/use-fleet.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { fieldClass } from '../ui/field-classes.ts';
import { FormAlert } from '../ui/form-alert.tsx';
import { useTitle } from '../ui/use-title.ts';
import { compareLines } from './compare-lines.ts';
import { DEFAULT_COMPARE_RANGE, MAX_COMPARED, readHosts } from './compare-search.ts';
import { HistoryOff } from './history-off.tsx';
import { readZoom } from './history-search.ts';
import { MetricSelect } from './metric-select.tsx';
import { DEFAULT_METRIC, METRIC_SHAPES } from './metric-shapes.ts';
import { RangePicker } from './range-picker.tsx';
import { useRecording } from './recording-query.ts';
import { SeriesChart } from './series-chart.tsx';

const route = getRouteApi('/dashboard/compare');
const REFRESH_MS = 60_000;
const RANGES = ['1h', '6h', '24h', '7d', '30d', '1y'];
const HEIGHT_PX = 420;

/** One metric of several targets in one chart. */
export function CompareView() {
  useTitle('Compare');
  const isOff = useRecording()?.state === 'off';
  return isOff ? <HistoryOff title="Compare" /> : <Compare />;
}

function Compare() {
  const search = route.useSearch();
  const { metric = DEFAULT_METRIC, range = DEFAULT_COMPARE_RANGE, from, to } = search;
  const hosts = useMemo(() => readHosts(search.hosts), [search.hosts]);
  const zoom = useMemo(() => readZoom(from, to), [from, to]);
  const navigate = route.useNavigate();
  const change = useCallback(
    (next: Partial<typeof search>, replace = true) =>
      void navigate({ search: (before) => ({ ...before, ...next }), replace, resetScroll: false }),
    [navigate],
  );
  const setHosts = (next: readonly string[]) =>
    change({ hosts: next.length === 0 ? undefined : next.join() });
  const setZoom = useCallback(
    (span: TimeSpan | null) => {
      const ends = { from: span && Math.round(span.fromMs), to: span && Math.round(span.toMs) };
      change({ from: ends.from ?? undefined, to: ends.to ?? undefined }, false);
    },
    [change],
  );
  return (
    <div className="flex flex-col gap-4">
      <h1 className="text-xl font-semibold outline-none">Compare {METRIC_SHAPES[metric].name}</h1>
      <div className="flex flex-wrap items-center gap-2">
        <MetricSelect label="Metric" value={metric} onChange={(next) => change({ metric: next })} />
        <RangePicker ranges={RANGES} chosen={zoom === null ? range : null} usual={DEFAULT_COMPARE_RANGE} />
        {zoom !== null && (
          <Button onClick={() => setZoom(null)}>
            {formatMinute(zoom.fromMs)} – {formatMinute(zoom.toMs)}
            <span className="font-semibold text-accent">Reset zoom</span>
          </Button>
        )}
      </div>
      <HostChips hosts={hosts} onChange={setHosts} />
      {hosts.length === 0 ? (
        <EmptyState title="No targets to compare">
          Add up to {MAX_COMPARED} targets above, or choose <b>Select</b> in the fleet and compare them from
          there.
        </EmptyState>
      ) : (
        <ZoomContext value={setZoom}>
          <CompareChart hosts={hosts} metric={metric} span={zoom ?? { range }} />
        </ZoomContext>
      )}
    </div>
  );
}

type CompareChartProps = {
  readonly hosts: readonly string[];
  readonly metric: keyof typeof METRIC_SHAPES;
  readonly span: TimeSpan | { readonly range: string };
};

function CompareChart({ hosts, metric, span }: CompareChartProps) {
  const client = useBoonerClient();
  const query = { span, metrics: [metric] };
  const { data, error } = useQuery({
    queryKey: ['compare', hosts, query],
    queryFn: ({ signal }) => client.compareSeries(hosts, query, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
  const shown = useMemo(() => {
    const [first] = data?.targets ?? [];
    if (data === undefined || first === undefined) return null;
    const { times, lines } = compareLines(data.targets, first.stepMs);
    const { name, ...shape } = METRIC_SHAPES[metric];
    return {
      chart: { ...shape, id: metric, title: name, lines, remark: null, isMap: false },
      times,
      fromMs: first.fromMs,
      toMs: first.toMs,
      annotations: data.targets.flatMap(({ host, annotations }) =>
        annotations.map((each) => ({ ...each, text: `${host}: ${each.text}` })),
      ),
    };
  }, [data, metric]);
  const missing =
    data === undefined ? [] : hosts.filter((host) => !data.targets.some((one) => one.host === host));
  return (
    <>
      <FormAlert text={error === null ? null : `Could not load the comparison: ${error.message}`} />
      {missing.length > 0 && <p className="text-muted">Not targets of this hub: {missing.join(', ')}</p>}
      {shown !== null && (
        <div
          data-chart={metric}
          className="live-value min-w-0 rounded-md border border-line bg-panel px-4 pt-3 pb-2"
        >
          <SeriesChart {...shown} height={HEIGHT_PX} isFirst fileName="compare" />
        </div>
      )}
    </>
  );
}

type HostChipsProps = {
  readonly hosts: readonly string[];
  readonly onChange: (hosts: readonly string[]) => void;
};

/** The compared targets, each with a button that removes it, and a field to add one. */
function HostChips({ hosts, onChange }: HostChipsProps) {
  const [text, setText] = useState('');
  const listId = useId();
  const known = useFleet((fleet) => fleet.targets);
  const host = text.trim().toLowerCase();
  const isKnown = known?.has(host) ?? false;
  return (
    <div className="flex flex-wrap items-center gap-2">
      <ul aria-label="Compared targets" className="contents">
        {hosts.map((each) => (
          <li key={each} className="flex items-center rounded-md border border-line bg-panel pl-3">
            <Link
              to="/dashboard/targets/$host"
              params={{ host: each }}
              className="font-semibold break-all hover:underline"
            >
              {each}
            </Link>
            <IconButton
              label={`Remove ${each}`}
              onClick={() => onChange(hosts.filter((other) => other !== each))}
            >
              <X size={14} aria-hidden="true" />
            </IconButton>
          </li>
        ))}
      </ul>
      {hosts.length < MAX_COMPARED && (
        <form
          aria-label="Add a target"
          className="flex items-center gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (!isKnown) return;
            onChange([...hosts.filter((each) => each !== host), host]);
            setText('');
          }}
        >
          <input
            aria-label="Target to add"
            placeholder="Add a target"
            list={listId}
            value={text}
            autoComplete="off"
            spellCheck={false}
            onChange={({ target }) => setText(target.value)}
            className={`${fieldClass} h-8! w-44!`}
          />
          <datalist id={listId}>
            {[...(known?.keys() ?? [])]
              .filter((each) => !hosts.includes(each))
              .slice(0, 200)
              .map((each) => (
                <option key={each} value={each} />
              ))}
          </datalist>
          <Button type="submit" disabled={!isKnown} focusableWhenDisabled>
            <Plus size={16} aria-hidden="true" />
            Add
          </Button>
        </form>
      )}
    </div>
  );
}
