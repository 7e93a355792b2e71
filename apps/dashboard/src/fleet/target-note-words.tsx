import clsx from 'clsx';
import { TriangleAlert } from 'lucide-react';
import type { TargetNote } from './target-notes.ts';

/** Notes of a target in words, with details on hover. */
export function TargetNoteWords({ notes }: { readonly notes: readonly TargetNote[] }) {
  const [first] = notes;
  if (first === undefined) return null;
  return (
    <span
      className={clsx(
        'shrink-0 truncate text-sm',
        first.severity === 'bad' ? 'font-semibold text-bad' : 'text-warn',
      )}
      title={notes.map(({ detail }) => detail).join('\n')}
    >
      <TriangleAlert size={14} aria-hidden="true" className="mr-1 inline-block align-[-2px]" />
      {notes.map(({ words }) => words).join(', ')}
    </span>
  );
}
