import type { Labels } from '@booner/protocol';

/** Returns the group of a target: the value of the label `groupBy`, or `null`. */
export const groupOf = (groupBy: string | null, { labels }: { readonly labels: Labels }): string | null =>
  groupBy !== null && Object.hasOwn(labels, groupBy) ? labels[groupBy]! : null;
