import type { TargetSummary } from '@booner/protocol';
import { labelsText } from '@booner/protocol/labels';

/** The label and the labels of a target, or its specs if it has neither. All are in the tooltip. */
export function TargetWords({ target }: { readonly target: TargetSummary }) {
  const { label, labels = {}, specs } = target;
  const named = labelsText(labels);
  const rest = named === '' && label === null ? specs : named;
  return (
    <span
      className="min-w-0 truncate"
      title={[label === specs ? '' : specs, named].filter(Boolean).join('\n')}
    >
      {label}
      {label !== null && rest !== '' && ' '}
      <span className="text-muted">{rest}</span>
    </span>
  );
}
