import type { TargetSummary } from '@booner/protocol';

/** A label that at least one of several targets has. */
export type CommonLabel = {
  readonly key: string;
  /** `null`: the targets have different values. */
  readonly value: string | null;
  /** Targets that have it. */
  readonly count: number;
  /** Targets on which an operator set it. Only there can it be removed. */
  readonly operatorCount: number;
};

/** Returns the labels of targets, those of all targets first, then by key. */
export function commonLabels(
  targets: readonly Pick<TargetSummary, 'labels' | 'operatorLabels'>[],
): readonly CommonLabel[] {
  const found = new Map<string, CommonLabel>();
  for (const { labels = {}, operatorLabels = {} } of targets) {
    for (const [key, value] of Object.entries(labels)) {
      const known = found.get(key) ?? { key, value, count: 0, operatorCount: 0 };
      found.set(key, {
        key,
        value: known.value === value ? value : null,
        count: known.count + 1,
        operatorCount: known.operatorCount + (Object.hasOwn(operatorLabels, key) ? 1 : 0),
      });
    }
  }
  const isShared = ({ count }: CommonLabel) => count === targets.length;
  return [...found.values()].sort(
    (a, b) => Number(isShared(b)) - Number(isShared(a)) || (a.key < b.key ? -1 : 1),
  );
}

/** Says who set a label, and on how many of the targets if not on all. */
export function labelDetail(label: CommonLabel, targets: number): string {
  const { value, count, operatorCount } = label;
  const who = operatorCount === count ? 'operator' : operatorCount === 0 ? 'agent' : 'operator, agent';
  return [
    ...(value === null ? ['different values'] : []),
    who,
    ...(count === targets ? [] : [`${count} of ${targets}`]),
  ].join(', ');
}
