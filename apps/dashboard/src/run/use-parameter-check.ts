import type { OfferedAction } from '@booner/protocol';
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
    const result = data?.checkParameters(parameters, paramsOf(parameters, values));
    const checked =
      result === undefined || result.ok
        ? NO_ISSUES
        : issuesByField(
            result.issues,
            parameters.map(({ name }) => name),
          );
    if (Object.keys(ofJson).length === 0) return checked;
    return { ...checked, fields: { ...checked.fields, ...ofJson } };
  };
}
