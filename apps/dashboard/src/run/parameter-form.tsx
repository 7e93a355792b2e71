import type { JsonObject, OfferedAction } from '@booner/protocol';
import { useNavigate } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { type FormFaults, faultsOfAnswer, NO_FAULTS } from './form-faults.ts';
import { type FieldValue, type FormValues, initialValues, paramsOf } from './form-values.ts';
import { ParameterField } from './parameter-field.tsx';
import { RunSummary } from './run-summary.tsx';
import { useCreateTask } from './use-create-task.ts';
import { useParameterCheck } from './use-parameter-check.ts';

export type ParameterFormProps = {
  readonly host: string;
  readonly action: OfferedAction;
  /** Parameters of an earlier task to begin with. */
  readonly earlier: JsonObject | null;
};

/** Asks for what an action needs, and runs it. */
export function ParameterForm({ host, action, earlier }: ParameterFormProps) {
  const { parameters } = action;
  const [values, setValues] = useState<FormValues>(() => initialValues(parameters, earlier));
  const [faults, setFaults] = useState<FormFaults>(NO_FAULTS);
  const form = useRef<HTMLFormElement>(null);
  const check = useParameterCheck(action);
  const { create, isCreating } = useCreateTask();
  const navigate = useNavigate();

  const setFault = (name: string, fault: string | undefined) =>
    setFaults(({ fields: { [name]: _, ...others }, form: ofForm }) => ({
      fields: fault === undefined ? others : { ...others, [name]: fault },
      form: ofForm,
    }));
  const change = (name: string, value: FieldValue) => {
    setValues((before) => ({ ...before, [name]: value }));
    setFaults(({ fields: { [name]: _, ...others } }) => ({ fields: others, form: [] }));
  };
  const showFaults = (next: FormFaults) => {
    setFaults(next);
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
    if (found !== NO_FAULTS) return showFaults(found);
    try {
      const params = paramsOf(parameters, values);
      const taskId = await create({ host, action: action.name, params });
      if (taskId !== null) await navigate({ to: '/dashboard/tasks/$taskId', params: { taskId } });
    } catch (error) {
      const names = parameters.map(({ name }) => name);
      showFaults(faultsOfAnswer(error, names));
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
        void run();
      }}
    >
      {parameters.map((parameter) => (
        <ParameterField
          key={parameter.name}
          parameter={parameter}
          value={values[parameter.name] ?? null}
          fault={faults.fields[parameter.name]}
          onChange={(value) => change(parameter.name, value)}
          onBlur={() => setFault(parameter.name, check(values).fields[parameter.name])}
        />
      ))}
      {parameters.length === 0 && <p className="text-muted">This action has no parameters.</p>}
      <RunSummary host={host} action={action} values={values} />
      <div role="alert" className="empty:hidden">
        {faults.form.map((text) => (
          <p
            key={text}
            className="rounded-md border border-bad-fill bg-bad-wash px-3 py-2 break-words text-bad"
          >
            {text}
          </p>
        ))}
      </div>
      <Button
        type="submit"
        variant="primary"
        className="self-start max-sm:w-full"
        disabled={isCreating}
        focusableWhenDisabled
      >
        <Play size={16} aria-hidden="true" />
        Run {action.name}
      </Button>
    </form>
  );
}
