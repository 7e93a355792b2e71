import { makeExactValidator } from 'envalid';

export const UNITS = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;

/** A size in bytes, such as `4GiB`. */
export const size = makeExactValidator<number>((value) => {
  const [, amount, unit] = /^(\d+)\s*(KiB|MiB|GiB|TiB)$/.exec(value) ?? [];
  if (amount === undefined) throw new TypeError(`must be a size such as 4GiB, not ${JSON.stringify(value)}`);
  return Number(amount) * UNITS[unit as keyof typeof UNITS];
});
