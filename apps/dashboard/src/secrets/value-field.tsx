import { type Ref, useState } from 'react';
import { Field } from '../ui/field.tsx';
import { fieldClass } from '../ui/field-classes.ts';
import { sizeText } from './entered-value.ts';

export type ValueFieldProps = {
  /** Receives the field, which alone holds what was entered. */
  readonly field: Ref<HTMLTextAreaElement>;
  readonly onChange: () => void;
  readonly issue: string | undefined;
};

/**
 * A value of several lines that is not shown: what is typed or pasted appears as dots. It is not
 * kept in the state of the page.
 */
export function ValueField({ field, onChange, issue }: ValueFieldProps) {
  const [size, setSize] = useState<string | null>(null);
  return (
    <Field
      label="Value"
      hint={size ?? 'Type or paste it. A line break at its end is left out.'}
      issue={issue}
    >
      {(control) => (
        <textarea
          {...control}
          ref={field}
          rows={3}
          autoComplete="off"
          autoCapitalize="off"
          autoCorrect="off"
          // Some browsers send what they check to a server.
          spellCheck={false}
          onChange={({ target }) => {
            setSize(target.value === '' ? null : sizeText(target.value));
            onChange();
          }}
          className={`${fieldClass} min-h-20 resize-y py-1.5 font-mono text-sm [-webkit-text-security:disc]`}
        />
      )}
    </Field>
  );
}
