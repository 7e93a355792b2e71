import { useState } from 'react';

/** Checks before a form is sent that a name was entered. */
export function useRequiredName(name: string, onChange: (name: string) => void) {
  const [isMissing, setMissing] = useState(false);
  return {
    /** Runs an action if there is a name; otherwise the field asks for it. */
    whenNamed(run: () => void): void {
      const isEmpty = name.trim() === '';
      setMissing(isEmpty);
      if (!isEmpty) run();
    },
    /** Returns the properties of the name's `TextField`. */
    nameField: (issue: string | undefined) => ({
      label: 'Name',
      value: name,
      onChange: (entered: string) => {
        onChange(entered);
        setMissing(false);
      },
      issue: isMissing ? 'Enter a name.' : issue,
    }),
  };
}
