/** Maximum number of steps of an axis. */
const MAX_STEPS = 4;
const FACTORS = [1, 2, 2.5, 5, 10];

export type ValueAxis = { readonly top: number; readonly ticks: readonly number[] };

export type ValueAxisOptions = {
  /** Largest value shown; `null` if nothing is known. */
  readonly highest: number | null;
  /** Lowest top of the axis. */
  readonly minTop?: number | undefined;
  readonly maxTop?: number | undefined;
  /** 1024: steps are powers of two, such as 256 KB, and so are their units. */
  readonly base?: 1000 | 1024 | undefined;
};

/** Returns an axis from 0 with a few round ticks. */
export function valueAxis({ highest, minTop, maxTop, base = 1000 }: ValueAxisOptions): ValueAxis {
  const least = minTop ?? 0;
  const needed = Math.max(highest ?? 0, least) || (base === 1024 ? 1024 : 1);
  const step = roundStep(needed, base);
  // A requested top stays: 100 %, or the size of the memory.
  const isGiven = needed === least || needed === maxTop;
  const rounded = isGiven ? needed : Math.ceil(needed / step - 1e-9) * step;
  const top = maxTop === undefined ? rounded : Math.min(rounded, maxTop);
  const count = Math.floor(top / step + 1e-9);
  return { top, ticks: Array.from({ length: count + 1 }, (_, index) => index * step) };
}

/**
 * Returns the next of 1, 2, 2.5 and 5 times a power of ten. With 1024, the next power of two: its
 * multiples are round in every unit, from 256 over 512 KB to 1 MB.
 */
function roundStep(needed: number, base: 1000 | 1024): number {
  const least = needed / MAX_STEPS;
  if (base === 1024) return Math.max(1, 2 ** Math.ceil(Math.log2(least) - 1e-9));
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = FACTORS.find((each) => each * power >= least - 1e-12 && isShown(each * power)) ?? 10;
  return factor * power;
}

/** Texts have two decimals, and shares have whole percentages. */
const isShown = (step: number): boolean =>
  Math.abs(step * 100 - Math.round(step * 100)) < 1e-6 || step < 0.01;

/** Formats a tick without meaningless decimals: `2.00 GB` becomes `2 GB`. */
export const trimTick = (text: string): string =>
  text.replace(/[.,]0{1,2}(?!\d)/, '').replace(/([.,]\d)0(?!\d)/, '$1');
