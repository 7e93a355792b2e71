import type { AlertSeverity } from '@booner/protocol';
import { TextField } from '../../ui/text-field.tsx';
import { SeverityWord } from '../severity-word.tsx';
import { shownUnit } from './metric-units.ts';
import type { RuleDraft } from './rule-draft.ts';

export type ThresholdFieldsProps = {
  readonly draft: RuleDraft;
  readonly onChange: (draft: RuleDraft) => void;
  readonly issues: Readonly<Record<string, string>>;
};

/** Thresholds in the unit that people use. `full_in` has durations. */
export function ThresholdFields({ draft, onChange, issues }: ThresholdFieldsProps) {
  const isDuration = draft.function === 'full_in';
  const { sign } = shownUnit(draft.metric, draft.function);
  const row = (severity: AlertSeverity) => (
    <fieldset>
      <legend className="mb-1">
        <SeverityWord severity={severity} />
      </legend>
      <div className="grid grid-cols-2 gap-4">
        {(['on', 'off'] as const).map((side) => (
          <TextField
            key={side}
            label={`${side === 'on' ? 'Starts at' : 'Ends at'}${isDuration || sign === '' ? '' : `, ${sign}`}`}
            value={draft[severity][side]}
            onChange={(text) => onChange({ ...draft, [severity]: { ...draft[severity], [side]: text } })}
            placeholder={isDuration ? (side === 'on' ? '24h' : '36h') : 'none'}
            {...(!isDuration && { type: 'number', step: 'any', inputMode: 'decimal' })}
            issue={issues[`${severity}/${side}`]}
          />
        ))}
      </div>
      {issues[severity] !== undefined && (
        <p role="alert" className="mt-1 text-sm text-bad">
          <span aria-hidden="true">✕ </span>
          {severity} {issues[severity]}
        </p>
      )}
    </fieldset>
  );
  return (
    <>
      {row('crit')}
      {row('warn')}
      <p className="text-sm text-muted">
        {isDuration
          ? 'Fires if the resource would be used up sooner than the first duration.'
          : 'If it ends below its start, high values are bad. If it ends above, low ones are.'}
      </p>
    </>
  );
}
