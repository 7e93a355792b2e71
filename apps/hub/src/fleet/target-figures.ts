import type { FigureName, GpuMeasurement, Sample, TargetSummary } from '@booner/protocol';
import { FIGURE_NAMES, FIGURES, SUMMARY_FIGURES, type SummaryFigureName } from '@booner/protocol/figures';

type Figures = { readonly [Name in FigureName]: number | null };

/**
 * The parts of a sample that the hub itself works with. It keeps these and the sample's text, not
 * the sample: with 10,000 targets, garbage collection of sample objects would cost more than
 * everything else in the hub.
 */
export type TargetFigures = Figures & {
  readonly intervalMs: number;
  readonly inventoryTakenAtMs: number | null;
  readonly sampledAtMs: number;
  readonly gpus: TargetSummary['gpus'];
};

/** Gives all figures one hidden class: {@link figuresOf} runs for every sample of the fleet. */
const UNKNOWN = {
  intervalMs: 0,
  inventoryTakenAtMs: null,
  sampledAtMs: 0,
  gpus: null,
  ...(Object.fromEntries(FIGURE_NAMES.map((name) => [name, null])) as Figures),
};

export function figuresOf(sample: Sample): TargetFigures {
  const { intervalMs, inventoryTakenAtMs, sampledAtMs, gpus } = sample;
  const figures: { -readonly [Name in keyof TargetFigures]: TargetFigures[Name] } = { ...UNKNOWN };
  figures.intervalMs = intervalMs;
  figures.inventoryTakenAtMs = inventoryTakenAtMs;
  figures.sampledAtMs = sampledAtMs;
  if (gpus !== null) figures.gpus = gpus.map(summaryOfGpu);
  for (const name of FIGURE_NAMES) figures[name] = FIGURES[name].read(sample);
  return figures;
}

const summaryOfGpu = ({
  name,
  usageRatio,
  memoryTotalBytes,
  memoryUsedBytes,
  temperatureCelsius,
}: GpuMeasurement) => ({
  name,
  usageRatio,
  memoryTotalBytes,
  memoryUsedBytes,
  temperatureCelsius,
});

/** Fields of a target's summary that come from its last sample. */
type SampleSummary = Pick<TargetSummary, 'intervalMs' | 'gpus' | SummaryFigureName>;

/** @param isActive false leaves only sizes known */
export function summaryOf(figures: TargetFigures | null, isActive: boolean): SampleSummary {
  const shown: Partial<Record<SummaryFigureName, number | null>> = {};
  for (const { name, isAlwaysKnown } of SUMMARY_FIGURES)
    shown[name] = isActive || isAlwaysKnown ? (figures?.[name] ?? null) : null;
  const gpus = figures?.gpus ?? null;
  return {
    intervalMs: figures?.intervalMs ?? null,
    ...(shown as Pick<Figures, SummaryFigureName>),
    gpus: isActive ? gpus : (gpus?.map(sizeOf) ?? null),
  };
}

const sizeOf = ({ name, memoryTotalBytes }: NonNullable<TargetFigures['gpus']>[number]) => ({
  name,
  memoryTotalBytes,
  usageRatio: null,
  memoryUsedBytes: null,
  temperatureCelsius: null,
});
