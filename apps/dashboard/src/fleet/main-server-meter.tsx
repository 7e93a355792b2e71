import { PercentStack } from '../ui/percent-bar.tsx';

export type MainServerMeterProps = {
  readonly name: string;
  readonly ratio: number | null;
  /** Used of a total, or what there is of it. */
  readonly detail: string;
};

/** How full or busy one part of the main server is. */
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
