import type { ReactNode } from 'react';
import { ChoiceField } from '../../ui/choice-field.tsx';
import { Field } from '../../ui/field.tsx';
import { fieldClass } from '../../ui/field-classes.ts';

const SOURCES = { fixed: 'always the same', payload: 'from the payload' };

export type SourcedParameterProps = {
  readonly name: string;
  /** Field of its value, if that is fixed. */
  readonly children: ReactNode;
  /** Place in the payload that it is taken from; `undefined`: its value is fixed. */
  readonly place: string | undefined;
  readonly onChange: (place: string | undefined) => void;
  readonly issue: string | undefined;
};

/** A parameter of a hook's action, with a fixed value or a place in the payload. */
export const SourcedParameter = ({ name, children, place, onChange, issue }: SourcedParameterProps) => (
  <div className="grid items-start gap-x-4 gap-y-2 sm:grid-cols-[minmax(0,1fr)_12rem]">
    {place === undefined ? (
      children
    ) : (
      <Field
        label={name}
        labelClassName="font-mono text-sm font-semibold"
        hint="A JSON pointer: /after, or /commits/0/id."
        issue={issue}
      >
        {(control) => (
          <input
            {...control}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            placeholder="/after"
            value={place}
            onChange={({ target }) => onChange(target.value)}
            className={`${fieldClass} font-mono text-sm`}
          />
        )}
      </Field>
    )}
    <ChoiceField
      label={`Value of ${name}`}
      value={place === undefined ? 'fixed' : 'payload'}
      choices={SOURCES}
      onChange={(source) => onChange(source === 'payload' ? '' : undefined)}
    />
  </div>
);
