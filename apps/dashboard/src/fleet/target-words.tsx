import type { TargetSummary } from '@booner/protocol';
import { labelsText } from '@booner/protocol/labels';

/**
 * The label and the labels of a target, or its specs if it has neither. The tooltip has all, and
 * who set each label.
 */
export function TargetWords({ target }: { readonly target: TargetSummary }) {
  const { label, labels = {}, operatorLabels = {}, specs } = target;
  const named = labelsText(labels);
  const rest = named === '' && label === null ? specs : named;
  const sources = Object.keys(labels)
    .sort()
    .map((key) => `${key}=${labels[key]} (${Object.hasOwn(operatorLabels, key) ? 'operator' : 'agent'})`);
  return (
    <span
      className="min-w-0 truncate"
      title={[label === specs ? '' : specs, ...sources].filter(Boolean).join('\n')}
    >
      {label}
      {label !== null && rest !== '' && ' '}
      <span className="text-muted">{rest}</span>
    </span>
  );
}
