import { Button } from '../ui/button.tsx';
import { DialogFrame } from '../ui/dialog-frame.tsx';
import { SeriesChart, type SeriesChartProps } from './series-chart.tsx';

/** Space of everything around the plot in the dialog. */
const AROUND_PX = 180;
const LEAST_PX = 200;

export type ChartDialogProps = Omit<SeriesChartProps, 'height' | 'onEnlarge' | 'isFirst'> & {
  /** Name of the host. */
  readonly name: string;
  readonly onClose: () => void;
};

/** A chart in full size. */
export function ChartDialog({ name, onClose, ...chart }: ChartDialogProps) {
  return (
    <DialogFrame
      open
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
      title={`${chart.chart.title}, ${name}`}
      className="max-w-[1500px]"
    >
      <div data-chart={chart.chart.id} className="bg-panel">
        <SeriesChart {...chart} isFirst height={Math.max(LEAST_PX, 0.85 * innerHeight - AROUND_PX)} />
      </div>
      <Button className="self-end" onClick={onClose}>
        Close
      </Button>
    </DialogFrame>
  );
}
