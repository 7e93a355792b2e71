import type { TaskLog } from '@booner/client';
import type { LogLine, Task } from '@booner/protocol';
import { hasEnded } from '@booner/protocol/has-ended';
import { useTaskLog } from '@booner/react';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { formatCount } from '../../format/numbers.ts';
import { LogFooter } from './log-footer.tsx';
import { LogLines, type LogTarget } from './log-lines.tsx';
import { logRows, lowerBound } from './log-rows.ts';
import { patternOf } from './log-search.ts';
import { LogToolbar } from './log-toolbar.tsx';
import { NoLines } from './no-lines.tsx';
import { plainText } from './plain-text.ts';
import { saveLog } from './save-log.ts';
import type { TaskSearch } from './task-search.ts';
import { useCalmLog } from './use-calm-log.ts';
import { useLogSearch } from './use-log-search.ts';
import { createWidestLine } from './widest-line.ts';

const route = getRouteApi('/dashboard/tasks/$taskId');

export type LogPanelProps = {
  readonly task: Task;
  /** A line to scroll to. Each request is a new object. */
  readonly shown: { readonly line: number } | null;
};

/** Live output of a task. */
export function LogPanel({ task, shown }: LogPanelProps) {
  const { q = '', wrap } = route.useSearch();
  const navigate = route.useNavigate();
  const live = useCalmLog(useTaskLog(task.id, { afterLine: 0 }));
  /** State of the log when it was paused. */
  const [paused, setPaused] = useState<TaskLog | null>(null);
  const log = paused ?? live;
  const [isFollowing, setIsFollowing] = useState(true);
  const [target, setTarget] = useState<LogTarget | null>(null);
  const [currentLine, setCurrentLine] = useState<number | null>(null);
  const [lastShown, setLastShown] = useState(shown);
  if (shown !== lastShown) {
    setLastShown(shown);
    setTarget(shown);
    setCurrentLine(shown?.line ?? null);
  }
  /**
   * A growing log keeps its full height from the start. A finished one is as high as its content.
   */
  const [isFixed] = useState(!hasEnded(task.status));
  const [copied, setCopied] = useState<string | null>(null);

  const pattern = useMemo(() => patternOf(q), [q]);
  const { lines: found, count: foundCount, isComplete } = useLogSearch(log.lines, pattern);
  const rows = useMemo(() => logRows(log), [log]);
  const [widestLine] = useState(createWidestLine);
  const widest = useMemo(() => widestLine(log.lines), [widestLine, log.lines]);

  /** Matches in lines that were dropped meanwhile do not count. */
  const firstFound = lowerBound(foundCount, (index) => found[index]! > rows.missingBefore);
  const matchCount = foundCount - firstFound;
  const step = (direction: 1 | -1) => {
    if (matchCount === 0) return;
    const line = currentLine ?? 0;
    const after = lowerBound(foundCount, (index) => found[index]! > line);
    const before = lowerBound(foundCount, (index) => found[index]! >= line) - 1;
    let index = direction === 1 ? after : before;
    if (index >= foundCount) index = firstFound;
    if (index < firstFound) index = foundCount - 1;
    setCurrentLine(found[index]!);
    setTarget({ line: found[index]! });
  };
  const currentMatch =
    currentLine === null ? 0 : lowerBound(foundCount, (index) => found[index]! > currentLine) - firstFound;
  const change = (next: Partial<TaskSearch>) =>
    void navigate({ search: (search) => ({ ...search, ...next }), replace: true, resetScroll: false });
  const copy = useCallback((line: LogLine) => void copyLine(line).then(setCopied), []);

  return (
    <section className="overflow-clip rounded-md border border-line bg-panel" aria-labelledby="log-title">
      <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-4 py-2">
        <h2 id="log-title" className="text-base font-semibold">
          Log
        </h2>
        <LogToolbar
          query={q}
          onQuery={(next) => {
            setCurrentLine(null);
            change({ q: next === '' ? undefined : next });
          }}
          matches={{ count: matchCount, isComplete }}
          currentMatch={currentMatch}
          onStep={step}
          isWrapped={wrap === '1'}
          onWrap={() => change({ wrap: wrap === '1' ? undefined : '1' })}
          isPaused={paused !== null}
          onPause={live.isEnded && paused === null ? null : () => setPaused(paused === null ? live : null)}
          onSave={
            live.lines.length === 0
              ? null
              : () => void saveLog(live, `${task.action}-${task.host}-${task.id}.log`)
          }
        />
      </div>
      {rows.missingBefore > 0 && (
        <p className="border-b border-line bg-warn-wash px-4 py-1 text-sm text-warn">
          The first {formatCount(rows.missingBefore)} lines are no longer kept.
        </p>
      )}
      {rows.count === 0 ? (
        <NoLines task={task} log={log} isFixed={isFixed} />
      ) : (
        <LogLines
          rows={rows}
          widest={widest}
          digits={Math.max(3, String(log.lastLine).length)}
          isWrapped={wrap === '1'}
          isFixed={isFixed}
          pattern={pattern}
          currentLine={currentLine}
          target={target}
          onFollowing={setIsFollowing}
          onCopy={copy}
        />
      )}
      <LogFooter
        log={log}
        heldBack={live.lastLine - log.lastLine}
        isPaused={paused !== null}
        isFollowing={isFollowing}
        note={copied}
        onJump={() => setTarget({ line: 'end' })}
      />
    </section>
  );
}

/** Copies a line. Returns the result in words. */
async function copyLine({ line, text }: LogLine): Promise<string> {
  try {
    // absent over plain HTTP, except on localhost
    await navigator.clipboard.writeText(plainText(text));
    return `Line ${formatCount(line)} copied`;
  } catch {
    return 'Your browser does not allow copying here';
  }
}
