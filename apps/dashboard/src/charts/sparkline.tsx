import type { RecentPoints } from '@booner/client';
import { SILENT_INTERVALS } from '@booner/protocol/limits';

const WIDTH = 100;
const HEIGHT = 24;

/**
 * Returns a line for each run of known points with values from 0 to 1, in a box of {@link WIDTH} by
 * {@link HEIGHT}.
 */
export function sparklinePaths(
  { times, values }: RecentPoints,
  fromMs: number,
  toMs: number,
  intervalMs: number,
): { readonly line: string; readonly area: string } {
  let line = '';
  let area = '';
  let run: string[] = [];
  let startX = '';
  let lastX = '';
  let lastMs = Number.NEGATIVE_INFINITY;
  const close = () => {
    if (run.length === 0) return;
    // A single point is a line without length, which round caps turn into a dot.
    line += `M${run.join('L')}${run.length === 1 ? 'h0' : ''}`;
    if (run.length > 1) area += `M${startX} ${HEIGHT}L${run.join('L')}L${lastX} ${HEIGHT}Z`;
    run = [];
  };
  for (const [index, atMs] of times.entries()) {
    const value = values[index] ?? null;
    if (atMs < fromMs || atMs > toMs) continue;
    if (value === null || atMs - lastMs > SILENT_INTERVALS * intervalMs) close();
    if (value === null) continue;
    const x = (((atMs - fromMs) / (toMs - fromMs)) * WIDTH).toFixed(1);
    const y = (HEIGHT - 1 - Math.min(1, Math.max(0, value)) * (HEIGHT - 2)).toFixed(1);
    if (run.length === 0) startX = x;
    run.push(`${x} ${y}`);
    lastX = x;
    lastMs = atMs;
  }
  close();
  return { line, area };
}

export type SparklineProps = {
  readonly points: RecentPoints;
  readonly fromMs: number;
  readonly toMs: number;
  /** Usual time between two points. */
  readonly intervalMs: number;
  readonly className?: string;
};

/** A share over time, without axes. The number beside it gives the meaning. Gaps stay gaps. */
export function Sparkline({ points, fromMs, toMs, intervalMs, className }: SparklineProps) {
  const { line, area } = sparklinePaths(points, fromMs, toMs, intervalMs);
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      className={className}
      fill="none"
    >
      <path d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} stroke="var(--line)" vectorEffect="non-scaling-stroke" />
      <path d={area} fill="currentColor" fillOpacity="0.1" />
      <path
        d={line}
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
