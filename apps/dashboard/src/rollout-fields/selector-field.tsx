import { issueText } from '@booner/protocol/labels';
import { type AccessSelector, parseAccessSelector } from '@booner/protocol/selector';
import { useMemo } from 'react';
import { formatCount } from '../format/numbers.ts';
import { useSelectedHosts } from '../labels/use-selected-hosts.ts';
import { TextField } from '../ui/text-field.tsx';

export type Selected = {
  /** Hosts that match now; `null` while unknown, and for an invalid selector. */
  readonly hosts: ReadonlySet<string> | null;
  /** What is wrong with the selector, as a sentence. */
  readonly issue: string | null;
};

/** Reads a selector of a rollout, and finds its targets. Only labels of operators count. */
export function useRolloutSelector(text: string): Selected {
  const parsed = useMemo(() => parseAccessSelector(text), [text]);
  const selector: AccessSelector | null = parsed.ok ? parsed.value : null;
  const hosts = useSelectedHosts(selector);
  return { hosts, issue: parsed.ok ? null : `The selector ${issueText(parsed.issue)}.` };
}

export type SelectorFieldProps = {
  readonly value: string;
  readonly onChange: (selector: string) => void;
  readonly selected: Selected;
  readonly issue: string | undefined;
};

/** The targets of a rollout, with their number as it is typed. */
export function SelectorField({ value, onChange, selected, issue }: SelectorFieldProps) {
  const isTyped = value.trim() !== '';
  return (
    <div>
      <TextField
        label="Targets"
        value={value}
        onChange={onChange}
        placeholder="role=web,env=prod"
        hint="A selector of hosts and of labels that operators set: role=web, host=10.0.0.*, * for all."
        issue={issue ?? (isTyped ? (selected.issue ?? undefined) : undefined)}
      />
      <p role="status" className="mt-1 min-h-5 text-sm">
        {isTyped ? countText(selected) : 'An empty selector selects nothing.'}
      </p>
    </div>
  );
}

function countText({ hosts }: Selected): string {
  if (hosts === null) return '';
  if (hosts.size === 0) return 'No target matches.';
  return hosts.size === 1 ? '1 target matches.' : `${formatCount(hosts.size)} targets match.`;
}
