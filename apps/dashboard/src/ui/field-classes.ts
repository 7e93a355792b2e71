/**
 * Classes of a field to type into or choose from. Invalid ones have a red border besides their
 * message.
 */
export const fieldClass =
  'h-9 w-full rounded-md border border-line-strong bg-panel px-2.5 text-ink placeholder:text-muted aria-invalid:border-bad-fill pointer-coarse:h-10 pointer-coarse:text-base';
