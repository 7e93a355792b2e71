import { type KeyboardEvent, type ReactNode, type RefObject, useState } from 'react';
import { ChartReadout, type Reading } from './chart-readout.tsx';

const STEPS: Readonly<Record<string, number | null>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageUp: -20,
  PageDown: 20,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
  Escape: null,
};

export type ChartFrameProps = {
  readonly title: string;
  readonly height: number;
  readonly box: RefObject<HTMLDivElement | null>;
  /** Legend, if the readings do not explain the colours. */
  readonly legend?: ReactNode;
  /** Values at the crosshair, or the latest ones. */
  readonly readings: readonly Reading[];
  /** Shows the readings. Screen readers always have them. Default: true. */
  readonly isReadoutShown?: boolean;
  /** Time of the crosshair in words; `null` without one. */
  readonly moment: string | null;
  readonly step: (rows: number | null) => void;
  /** Commands at the end of the title's line. */
  readonly menu?: ReactNode;
  /** Shown above the plot. */
  readonly overlay?: ReactNode;
};

/** Title, values and plot. The arrow keys move the crosshair. */
export function ChartFrame(props: ChartFrameProps) {
  const { title, height, box, legend, readings, isReadoutShown = true, moment, step, menu, overlay } = props;
  const [isByKeys, setByKeys] = useState(false);
  const words = readings.map(({ label, text }) => (label === '' ? text : `${label} ${text}`)).join(', ');
  const onKeyDown = (event: KeyboardEvent) => {
    const rows = STEPS[event.key];
    if (rows === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    if (rows === null && moment === null) return; // leave Escape to others
    event.preventDefault();
    setByKeys(rows !== null);
    step(rows);
  };
  const onBlur = () => {
    if (isByKeys) step(null);
    setByKeys(false);
  };
  return (
    <figure className="min-w-0">
      <figcaption className="mb-1 flex min-h-6 flex-wrap items-center justify-between gap-x-4">
        <span className="font-semibold">{title}</span>
        {legend}
        {menu === undefined ? (
          isReadoutShown && <ChartReadout readings={readings} />
        ) : (
          <span className="ml-auto flex items-center gap-2">
            {isReadoutShown && <ChartReadout readings={readings} />}
            {menu}
          </span>
        )}
      </figcaption>
      <div className="relative">
        <div
          ref={box}
          role="img"
          aria-label={`${title}: ${words}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move the crosshair
          tabIndex={0}
          className="w-full min-w-0 rounded-md"
          style={{ height }}
          onKeyDown={onKeyDown}
          onBlur={onBlur}
        />
        {overlay}
      </div>
      <p className="sr-only" aria-live="polite">
        {isByKeys && moment !== null ? `${moment}: ${words}` : ''}
      </p>
    </figure>
  );
}
