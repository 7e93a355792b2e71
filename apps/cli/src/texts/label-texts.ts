import type { Target } from '@booner/protocol';
import { safeText } from '../terminal/safe-text.ts';

/** Returns labels in one line with who set each, such as `env=prod (agent), role=db (operator)`. */
export const labelsWithSource = (target: Pick<Target, 'labels' | 'operatorLabels'>): string =>
  labelRows(target)
    .map(([key, value, setBy]) => `${key}=${value} (${setBy})`)
    .join(', ');

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
