import { FieldPair } from '../ui/field-pair.tsx';
import { TextField } from '../ui/text-field.tsx';
import type { BatchDraft, Issues } from './request-draft.ts';

export type BatchFieldsProps = {
  readonly draft: BatchDraft;
  readonly issues: Issues;
  readonly change: (next: Partial<BatchDraft>) => void;
};

/** The sizes of batches, and the failures that end a rollout. */
export function BatchFields({ draft, issues, change }: BatchFieldsProps) {
  return (
    <FieldPair>
      <TextField
        label="Sizes"
        value={draft.batches}
        onChange={(batches) => change({ batches })}
        placeholder="1, 10%, 50%"
        hint="Hosts, or percent of all hosts. The last size repeats."
        issue={issues.batches}
      />
      <TextField
        label="Failures allowed"
        value={draft.maxFailures}
        onChange={(maxFailures) => change({ maxFailures })}
        placeholder="0"
        hint="Hosts, or percent such as 5%. One more stops the rollout."
        issue={issues.maxFailures}
      />
    </FieldPair>
  );
}
