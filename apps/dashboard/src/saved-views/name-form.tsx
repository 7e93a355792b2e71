import { useEffect, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/text-field.tsx';

export type NameFormProps = {
  readonly label: string;
  /** Text of the button. */
  readonly verb: string;
  readonly initial?: string;
  /** Takes the focus when it appears, with the name selected. */
  readonly takesFocus?: boolean;
  readonly issueOf: (name: string) => string | null;
  readonly onName: (name: string) => void;
};

/** Asks for the name of a view. */
export function NameForm({ label, verb, initial = '', takesFocus = false, issueOf, onName }: NameFormProps) {
  const [text, setText] = useState(initial);
  const [issue, setIssue] = useState<string | null>(null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (takesFocus) form.current?.querySelector('input')?.select();
  }, [takesFocus]);
  return (
    <form
      ref={form}
      noValidate
      className="flex items-start gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        const name = text.trim();
        const found = issueOf(name);
        setIssue(found);
        if (found !== null) return;
        setText(initial);
        onName(name);
      }}
    >
      <div className="min-w-0 flex-1">
        <TextField
          label={label}
          issue={issue}
          value={text}
          onChange={(next) => {
            setText(next);
            setIssue(null);
          }}
        />
      </div>
      {/* Beside the field, which has a label above it. */}
      <Button type="submit" className="mt-6.25 h-9">
        {verb}
      </Button>
    </form>
  );
}
