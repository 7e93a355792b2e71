import { PercentStack } from '../ui/percent-bar.tsx';

export type MainServerMeterProps = {
  readonly name: string;
  readonly ratio: number | null;
  /** Used and total amount, or another detail. */
  readonly detail: string;
};

/** Usage of one part of the main server. */
export function MainServerMeter({ name, ratio, detail }: MainServerMeterProps) {
  return (
    <div className="min-w-0">
      <PercentStack label={name} ratio={ratio} />
      <p className="mt-1 min-h-5 truncate text-sm text-muted" title={detail}>
        {detail}
      </p>
    </div>
  );
}
