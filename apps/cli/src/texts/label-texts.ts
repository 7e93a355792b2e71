import type { Target } from '@booner/protocol';
import { safeText } from '../terminal/safe-text.ts';

/** Returns a table row per label: key, value, and who set it. */
export const labelRows = ({
  labels = {},
  operatorLabels = {},
}: Pick<Target, 'labels' | 'operatorLabels'>): string[][] =>
  Object.keys(labels)
    .sort()
    .map((key) => [
      safeText(key),
      safeText(labels[key] ?? ''),
      Object.hasOwn(operatorLabels, key) ? 'operator' : 'agent',
    ]);
