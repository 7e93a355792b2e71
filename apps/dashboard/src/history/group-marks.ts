import type { Annotation } from '@booner/protocol';

/** Events that stand too close to each other on the axis for a mark each. */
export type Mark = {
  /** Place from the start of the range to its end, 0 to 1. */
  readonly place: number;
  readonly events: readonly Annotation[];
};

/**
 * Groups the events of a range into marks.
 * @param widthPx of the axis
 * @param gapPx least distance between two marks
 */
export function groupMarks(
  annotations: readonly Annotation[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  { widthPx, gapPx }: { readonly widthPx: number; readonly gapPx: number },
): readonly Mark[] {
  const groups: { place: number; events: Annotation[] }[] = [];
  const inOrder = [...annotations].sort((a, b) => a.atMs - b.atMs);
  for (const event of inOrder) {
    // What began before the range is at its start.
    const place = Math.max(0, (event.atMs - fromMs) / (toMs - fromMs));
    if (place > 1) continue;
    const last = groups.at(-1);
    if (last !== undefined && (place - last.place) * widthPx < gapPx) last.events.push(event);
    else groups.push({ place, events: [event] });
  }
  return groups;
}
