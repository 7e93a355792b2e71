import { useMemo } from 'react';
import { TimeChart } from '../charts/time-chart.tsx';
import { formatPercent, formatRate } from '../format/numbers.ts';
import { useHistory } from '../live/use-history.ts';

const HEIGHT_PX = 72;

/** The last 15 minutes of the main server. */
export function MainServerCharts({ memoryTotalBytes }: { readonly memoryTotalBytes: number | null }) {
  const { history } = useHistory(null, '15m');
  const series = useMemo(() => {
    if (history === null) return null;
    const memory = history.memoryUsedBytes.map((used) =>
      used === null || memoryTotalBytes === null ? null : used / memoryTotalBytes,
    );
    return {
      cpu: [{ label: 'CPU', values: history.cpuUsageRatio, isFilled: true }],
      memory: [{ label: 'RAM', values: memory, isFilled: true }],
      network: [
        { label: '↓', values: history.receivedBytesPerSecond, color: 1 as const },
        { label: '↑', values: history.sentBytesPerSecond, color: 2 as const },
      ],
    };
  }, [history, memoryTotalBytes]);
  if (history === null || series === null) return null;
  const span = { times: history.times, fromMs: history.fromMs, toMs: history.toMs };
  const shape = { height: HEIGHT_PX, isCompact: true };
  return (
    <div className="grid gap-x-8 gap-y-3 md:grid-cols-3">
      <TimeChart
        title="CPU, last 15 min"
        series={series.cpu}
        format={formatPercent}
        minTop={1}
        isQuiet
        {...span}
        {...shape}
      />
      <TimeChart
        title="RAM, last 15 min"
        series={series.memory}
        format={formatPercent}
        minTop={1}
        isQuiet
        {...span}
        {...shape}
      />
      <TimeChart title="Net" series={series.network} format={formatRate} base={1024} {...span} {...shape} />
    </div>
  );
}
