import type { JsonObject, OfferedAction } from '@booner/protocol';
import { useQuery } from '@tanstack/react-query';
import { type FormIssues, issuesByField, NO_ISSUES } from '../ui/form-issues.ts';
import { type FormValues, jsonIssues, paramsOf } from './form-values.ts';

/**
 * Runs the checks of the hub and the target in the page. They load while the user fills in the
 * form. Until then, or if loading fails, nothing is checked here, and the hub reports issues.
 */
export function useParameterCheck({ parameters }: OfferedAction): (values: FormValues) => FormIssues {
  const { data } = useQuery({
    queryKey: ['parameter-check'],
    queryFn: () => import('@booner/protocol/action-parameters'),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (values) => {
    const ofJson = jsonIssues(parameters, values);
    const issues = data === undefined ? [] : findIssues(data, parameters, paramsOf(parameters, values));
    const names = parameters.map(({ name }) => name);
    const checked = issues.length === 0 ? NO_ISSUES : issuesByField(issues, names);
    if (Object.keys(ofJson).length === 0) return checked;
    return { ...checked, fields: { ...checked.fields, ...ofJson } };
  };
}

type Checks = typeof import('@booner/protocol/action-parameters');

function findIssues({ checkParameters }: Checks, parameters: OfferedAction['parameters'], given: JsonObject) {
  try {
    const checked = checkParameters(parameters, given);
    return checked.ok ? [] : checked.issues;
  } catch {
    return []; // the target offers a pattern that cannot be used, which the hub reports
  }
}
