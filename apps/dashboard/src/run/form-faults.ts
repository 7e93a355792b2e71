import { BoonerError } from '@booner/client';

/** What is wrong with the fields, by parameter, and with the whole. */
export type FormFaults = {
  readonly fields: Readonly<Record<string, string>>;
  /** Sentences that belong to no field. */
  readonly form: readonly string[];
};

export const NO_FAULTS: FormFaults = { fields: {}, form: [] };

type Fault = { readonly pointer: string; readonly detail: string };

/** Faults by pointers to parameters, such as `/seconds` below a prefix; the first of each field. */
export function faultsByField(faults: readonly Fault[], names: readonly string[], prefix = ''): FormFaults {
  const fields: Record<string, string> = {};
  const form: string[] = [];
  for (const { pointer, detail } of faults) {
    const name = names.find((each) => pointer === `${prefix}/${each}`);
    if (name === undefined) form.push(`${pointer}: ${detail}.`);
    else fields[name] ??= detail;
  }
  return { fields, form };
}

/** What the hub had against a task. */
export function faultsOfAnswer(error: unknown, names: readonly string[]): FormFaults {
  if (!(error instanceof BoonerError)) {
    return { fields: {}, form: [error instanceof Error ? error.message : String(error)] };
  }
  const { fields, form } = faultsByField(error.errors, names, '/params');
  // What points elsewhere, or nowhere, is in the sentence that the hub says.
  const isAllInFields = form.length === 0 && Object.keys(fields).length > 0;
  return { fields, form: isAllInFields ? [] : [error.message] };
}
