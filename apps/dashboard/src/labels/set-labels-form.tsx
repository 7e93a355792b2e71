import type { LabelChanges } from '@booner/protocol';
import { issueText, parseLabels } from '@booner/protocol/labels';
import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/text-field.tsx';

export type SetLabelsFormProps = {
  readonly isPending: boolean;
  /** Rejects if the labels were not set: the text stays. */
  readonly onSet: (changes: LabelChanges) => Promise<unknown>;
};

/** A form that sets labels such as `role=db,env=prod`. */
export function SetLabelsForm({ isPending, onSet }: SetLabelsFormProps) {
  const [text, setText] = useState('');
  const [issue, setIssue] = useState<string | undefined>(undefined);
  const submit = () => {
    const parsed = parseLabels(text);
    setIssue(parsed.ok ? undefined : `The text ${issueText(parsed.issue)}.`);
    if (!parsed.ok || text.trim() === '' || isPending) return;
    onSet(parsed.value).then(
      () => setText(''),
      () => {}, // shown below the form
    );
  };
  return (
    <form
      noValidate
      className="flex gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className="min-w-0 flex-1">
        <TextField
          label="Set labels"
          hint="Such as role=db,env=prod. Selectors find targets by them."
          issue={issue}
          value={text}
          onChange={setText}
          autoCapitalize="off"
        />
      </div>
      {/* Beside the field, which has a label above it. */}
      <Button type="submit" className="mt-6.25 h-9" disabled={isPending} focusableWhenDisabled>
        Set
      </Button>
    </form>
  );
}
