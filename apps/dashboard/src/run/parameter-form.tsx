import type { OfferedAction, Task } from '@booner/protocol';
import { useNavigate } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { outageDenial, useOutage } from '../live/use-outage.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { FormAlert } from '../ui/form-alert.tsx';
import { type FormIssues, issuesOfAnswer, NO_ISSUES } from '../ui/form-issues.ts';
import { type FieldValue, type FormValues, initialValues, paramsOf } from './form-values.ts';
import { ParameterField } from './parameter-field.tsx';
import { RunSummary } from './run-summary.tsx';
import { useCreateTask } from './use-create-task.ts';
import { useParameterCheck } from './use-parameter-check.ts';

export type ParameterFormProps = {
  readonly host: string;
  readonly action: OfferedAction;
  /** An earlier task to start with. */
  readonly earlier: Task | null;
};

/** Asks for the parameters of an action and runs it. */
export function ParameterForm({ host, action, earlier }: ParameterFormProps) {
  const { parameters } = action;
  const [values, setValues] = useState<FormValues>(() => initialValues(parameters, earlier?.params ?? null));
  const [isDryRun, setIsDryRun] = useState(earlier?.check === true);
  const [issues, setIssues] = useState<FormIssues>(NO_ISSUES);
  const form = useRef<HTMLFormElement>(null);
  const check = useParameterCheck(action);
  const { create, isCreating } = useCreateTask();
  const navigate = useNavigate();
  const outage = useOutage();
  const denial = outage === null ? undefined : outageDenial(outage);

  const setIssue = (name: string, issue: string | undefined) =>
    setIssues(({ fields: { [name]: _, ...others }, form: ofForm }) => ({
      fields: issue === undefined ? others : { ...others, [name]: issue },
      form: ofForm,
    }));
  const change = (name: string, value: FieldValue) => {
    setValues((before) => ({ ...before, [name]: value }));
    setIssues(({ fields: { [name]: _, ...others } }) => ({ fields: others, form: [] }));
  };
  const showIssues = (next: FormIssues) => {
    setIssues(next);
    const first = parameters.find(({ name }) => next.fields[name] !== undefined);
    if (first === undefined) return;
    form.current
      ?.querySelector<HTMLElement>(
        `[data-parameter="${first.name}"] :is(input:not([aria-hidden]), select, textarea)`,
      )
      ?.focus();
  };
  const run = async () => {
    const found = check(values);
    if (found !== NO_ISSUES) return showIssues(found);
    try {
      const params = paramsOf(parameters, values);
      const taskId = await create({ host, action: action.name, params, ...(isDryRun && { check: true }) });
      if (taskId !== null) await navigate({ to: '/dashboard/tasks/$taskId', params: { taskId } });
    } catch (error) {
      const names = parameters.map(({ name }) => name);
      showIssues(issuesOfAnswer(error, names, '/params'));
    }
  };
  return (
    <form
      ref={form}
      noValidate
      className="flex flex-col gap-4"
      aria-label={`Run ${action.name}`}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        if (denial === undefined) void run();
      }}
    >
      {parameters.map((parameter) => (
        <ParameterField
          key={parameter.name}
          parameter={parameter}
          value={values[parameter.name] ?? null}
          issue={issues.fields[parameter.name]}
          onChange={(value) => change(parameter.name, value)}
          onBlur={() => setIssue(parameter.name, check(values).fields[parameter.name])}
        />
      ))}
      {parameters.length === 0 && <p className="text-muted">This action has no parameters.</p>}
      {(action.checkable || isDryRun) && (
        <Field
          label="Dry run"
          hint="Runs the check of the action, which shows what would happen and changes nothing."
          isInline
        >
          {(control) => (
            <input
              {...control}
              type="checkbox"
              checked={isDryRun}
              onChange={({ target }) => setIsDryRun(target.checked)}
              className="size-5 accent-accent"
            />
          )}
        </Field>
      )}
      <RunSummary host={host} action={action} values={values} isDryRun={isDryRun} />
      <FormAlert text={issues.form.length > 0 ? issues.form.join(' ') : null} />
      <Button
        type="submit"
        variant="primary"
        className="self-start max-sm:w-full"
        disabled={isCreating || denial !== undefined}
        focusableWhenDisabled
        aria-description={denial}
        title={denial}
      >
        <Play size={16} aria-hidden="true" />
        {isDryRun ? 'Check' : 'Run'} {action.name}
      </Button>
    </form>
  );
}
