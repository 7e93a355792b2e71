import type { Task } from '@booner/protocol';
import { useRef, useState } from 'react';
import { LogPanel } from './log/log-panel.tsx';
import { TaskArtefacts } from './task-artefacts.tsx';
import { TaskSteps } from './task-steps.tsx';

/** Steps and artefacts of a task, and its log, in which each step can be looked up. */
export function TaskOutput({ task }: { readonly task: Task }) {
  const log = useRef<HTMLDivElement>(null);
  /** The line that was looked up last. Each request is a new object. */
  const [shown, setShown] = useState<{ readonly line: number } | null>(null);
  const showLine = (line: number) => {
    setShown({ line });
    log.current?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <div className="grid gap-4">
      {/* Hubs before 0.2 send no steps and artefacts. */}
      {(task.steps ?? null) !== null && <TaskSteps steps={task.steps ?? []} onShowLine={showLine} />}
      {(task.artefacts ?? null) !== null && (
        <TaskArtefacts id={task.id} artefacts={task.artefacts ?? { files: [], missing: [] }} />
      )}
      <div ref={log} className="min-w-0 scroll-mt-16">
        <LogPanel task={task} shown={shown} />
      </div>
    </div>
  );
}
