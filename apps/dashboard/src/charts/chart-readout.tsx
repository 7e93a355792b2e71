import clsx from 'clsx';
import { memo, useRef } from 'react';

export type Reading = {
  readonly label: string;
  readonly text: string;
  /** Approximate width of its text in characters. */
  readonly room: number;
  /** 1 to 7; `null` if it has no line of its own. */
  readonly color: number | null;
  /** Its line is dashed. */
  readonly isDashed?: boolean;
};

/**
 * Values of a chart next to its title. They keep the width of the longest so far, so that nothing
 * moves.
 */
export const ChartReadout = memo(function ChartReadout({
  readings,
}: {
  readonly readings: readonly Reading[];
}) {
  const longest = useRef<number[]>([]);
  return (
    <span className="flex flex-wrap gap-x-4 text-sm" aria-hidden="true">
      {readings.map(({ label, text, room: expected, color, isDashed = false }, index) => {
        const width = Math.max(longest.current[index] ?? expected, text.length);
        longest.current[index] = width;
        return (
          <span key={label} className="inline-flex items-center gap-1.5 whitespace-nowrap">
            {color !== null && readings.length > 1 && (
              <span
                className={clsx('border-t-2', isDashed ? 'w-4 border-dotted' : 'w-3')}
                style={{ borderColor: `var(--series-${color})` }}
              />
            )}
            {label !== '' && <span className="text-muted">{label}</span>}
            <span className="text-right" style={{ minWidth: `${width}ch` }}>
              {text}
            </span>
          </span>
        );
      })}
    </span>
  );
});
