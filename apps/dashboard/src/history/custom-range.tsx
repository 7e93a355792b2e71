import { CalendarRange } from 'lucide-react';
import { useState } from 'react';
import type { TimeSpan } from '../charts/zoom-context.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { Popover } from '../ui/popover.tsx';
import { TextField } from '../ui/text-field.tsx';
import { readZoom } from './history-search.ts';
import { localText, readLocal } from './local-time.ts';

export type CustomRangeProps = {
  /** The span that is shown now. */
  readonly span: TimeSpan;
  readonly onChoose: (span: TimeSpan) => void;
};

/** Selects any span by its start and its end. */
export function CustomRange({ span, onChoose }: CustomRangeProps) {
  return (
    <Popover
      label="From and to"
      triggerClassName={buttonClass('plain', 'max-sm:px-2.5')}
      trigger={
        <>
          <CalendarRange size={16} aria-hidden="true" />
          <span className="max-sm:sr-only">From – to</span>
        </>
      }
      widthPx={288}
      className="p-4"
    >
      <RangeForm span={span} onChoose={onChoose} />
    </Popover>
  );
}

function RangeForm({ span, onChoose }: CustomRangeProps) {
  const [from, setFrom] = useState(localText(span.fromMs));
  const [to, setTo] = useState(localText(span.toMs));
  const [issue, setIssue] = useState<string | null>(null);
  const submit = () => {
    const chosen = readZoom(readLocal(from), readLocal(to));
    setIssue(chosen === null ? 'The end must be after the start, by at most 10 years.' : null);
    if (chosen !== null) onChoose(chosen);
    return chosen !== null;
  };
  return (
    <form
      noValidate
      aria-label="From and to"
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (submit()) event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover();
      }}
    >
      <TextField label="From" type="datetime-local" value={from} onChange={setFrom} />
      <TextField label="To" type="datetime-local" value={to} onChange={setTo} issue={issue} />
      <Button type="submit" variant="primary">
        Show
      </Button>
    </form>
  );
}
