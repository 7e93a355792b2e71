import type { OfferedAction } from '@booner/protocol';
import { formatDuration } from '../format/times.ts';
import { type FormValues, isSecret, paramsOf } from './form-values.ts';

export type RunSummaryProps = {
  readonly host: string;
  readonly action: OfferedAction;
  readonly values: FormValues;
  readonly isDryRun: boolean;
};

/** Summarizes what will run, and where. */
export function RunSummary({ host, action, values, isDryRun }: RunSummaryProps) {
  const { name, parameters, timeoutSeconds } = action;
  const params = paramsOf(parameters, values);
  const shown = parameters
    .filter((parameter) => params[parameter.name] !== undefined)
    .map(
      (parameter) =>
        `${parameter.name}=${isSecret(parameter) ? '•••' : JSON.stringify(params[parameter.name])}`,
    );
  return (
    <p className="rounded-md bg-raised px-3 py-2 break-words">
      {isDryRun ? 'Runs the check of' : 'Runs'} <b className="font-semibold">{name}</b> on{' '}
      <b className="font-semibold">{host}</b>
      {shown.length > 0 && (
        <>
          {' with '}
          <span className="font-mono text-sm">{shown.join(' ')}</span>
        </>
      )}
      . It is stopped after {formatDuration(timeoutSeconds * 1000)}.
    </p>
  );
}
