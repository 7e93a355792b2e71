import clsx from 'clsx';
import { ChevronDown, ChevronUp, Download, Pause, Play, WrapText } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { formatCount } from '../../format/numbers.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import type { LogMatches } from './use-log-search.ts';

export type LogToolbarProps = {
  readonly query: string;
  readonly onQuery: (query: string) => void;
  readonly matches: Pick<LogMatches, 'count' | 'isComplete'>;
  /** Position of the current match, from 1; 0 before any. */
  readonly currentMatch: number;
  readonly onStep: (direction: 1 | -1) => void;
  readonly isWrapped: boolean;
  readonly onWrap: () => void;
  readonly isPaused: boolean;
  /** `null` if no new lines can arrive. */
  readonly onPause: (() => void) | null;
  readonly onSave: (() => void) | null;
};

export function LogToolbar({
  query,
  onQuery,
  matches: { count, isComplete },
  currentMatch,
  onStep,
  isWrapped,
  onWrap,
  isPaused,
  onPause,
  onSave,
}: LogToolbarProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    onStep(event.shiftKey ? -1 : 1);
  };
  const place = currentMatch > 0 ? `${formatCount(currentMatch)} of ` : '';
  return (
    <div
      className="flex flex-wrap items-center gap-x-2 gap-y-2 max-sm:w-full"
      role="toolbar"
      aria-label="Log"
    >
      <SearchField
        label="Search the log"
        value={query}
        onChange={onQuery}
        onKeyDown={onKeyDown}
        isMain
        className="w-48 max-sm:w-full"
      />
      <span
        role="status"
        className="min-w-24 text-right text-sm max-sm:flex-1 max-sm:text-left whitespace-nowrap text-muted"
      >
        {query !== '' &&
          `${place}${formatCount(count)}${isComplete ? '' : ' …'} ${count === 1 ? 'line' : 'lines'}`}
      </span>
      <span className="flex">
        <IconButton label="Previous match (Shift+Enter)" onClick={() => onStep(-1)} disabled={count === 0}>
          <ChevronUp size={16} aria-hidden="true" />
        </IconButton>
        <IconButton label="Next match (Enter)" onClick={() => onStep(1)} disabled={count === 0}>
          <ChevronDown size={16} aria-hidden="true" />
        </IconButton>
        <IconButton
          label="Wrap long lines"
          aria-pressed={isWrapped}
          onClick={onWrap}
          className={clsx(isWrapped && 'border-accent! bg-raised text-ink')}
        >
          <WrapText size={16} aria-hidden="true" />
        </IconButton>
        <IconButton label="Download as a text file" onClick={onSave ?? undefined} disabled={onSave === null}>
          <Download size={16} aria-hidden="true" />
        </IconButton>
      </span>
      {(onPause !== null || isPaused) && (
        <Button onClick={onPause ?? undefined} className="sm:min-w-24 max-sm:w-10 max-sm:px-0!">
          {isPaused ? <Play size={16} aria-hidden="true" /> : <Pause size={16} aria-hidden="true" />}
          <span className="max-sm:sr-only">{isPaused ? 'Go on' : 'Pause'}</span>
        </Button>
      )}
    </div>
  );
}
