import { BoonerError } from '@booner/client';

/** Problems with a form, by field and for the form as a whole. */
export type FormIssues = {
  readonly fields: Readonly<Record<string, string>>;
  /** Sentences that belong to no field. */
  readonly form: readonly string[];
};

export const NO_ISSUES: FormIssues = { fields: {}, form: [] };

type Issue = { readonly pointer: string; readonly detail: string };

/**
 * Sorts issues by the field that their JSON pointer names or points into. The first issue of a
 * field counts.
 */
export function issuesByField(issues: readonly Issue[], names: readonly string[], prefix = ''): FormIssues {
  const fields: Record<string, string> = {};
  const form: string[] = [];
  for (const { pointer, detail } of issues) {
    const name = names.find((each) => `${pointer}/`.startsWith(`${prefix}/${each}/`));
    if (name === undefined) form.push(`${pointer}: ${detail}.`);
    else fields[name] ??= detail;
  }
  return { fields, form };
}

/** Returns the hub's issues with a form that has these fields. A `null` error has none. */
export function issuesOfAnswer(error: unknown, names: readonly string[], prefix = ''): FormIssues {
  if (error === null) return NO_ISSUES;
  if (!(error instanceof BoonerError)) {
    return { fields: {}, form: [error instanceof Error ? error.message : String(error)] };
  }
  const { fields, form } = issuesByField(error.errors, names, prefix);
  // The hub's sentence covers issues that point elsewhere or nowhere.
  const isAllInFields = form.length === 0 && Object.keys(fields).length > 0;
  return { fields, form: isAllInFields ? [] : [error.message] };
}

/**
 * Says that some fields have issues, which may be out of sight, for the end of a form. `null`: none
 * has.
 */
export function marksText(count: number): string | null {
  if (count === 0) return null;
  return count === 1 ? 'A field needs a change. It is marked above.' : `${count} fields need a change.`;
}

type FieldIssues = FormIssues['fields'];

/** Returns issues of fields with a prefix before the names, such as `params/`. */
export const prefixed = (prefix: string, fields: FieldIssues): FieldIssues =>
  Object.fromEntries(Object.entries(fields).map(([name, issue]) => [`${prefix}${name}`, issue]));

/** Returns the issues of fields with a prefix, without it. */
export const unprefixed = (prefix: string, fields: FieldIssues): FieldIssues =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, issue]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), issue]] : [],
    ),
  );
