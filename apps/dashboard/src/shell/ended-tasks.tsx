import type { Task } from '@booner/protocol';
import { hasEnded } from '@booner/protocol/has-ended';
import { useBoonerClient } from '@booner/react';
import { useRouter } from '@tanstack/react-router';
import { lazy, useEffect, useRef, useState } from 'react';
import { LazyPart } from '../ui/lazy-part.tsx';

/** Kept while what tells of them is not there, be it forever. */
const MAX_UNTOLD = 100;

const TaskToasts = lazy(async () => ({ default: (await import('./task-toasts.tsx')).TaskToasts }));

/** Tells of tasks that end while the page is open, unless it is the page of that very task. What tells it is loaded when it is needed. */
export function EndedTasks() {
  const client = useBoonerClient();
  const router = useRouter();
  const untold = useRef<Task[]>([]);
  const [count, setCount] = useState(0);
  useEffect(
    () =>
      client.onTaskChange(({ task, previous }) => {
        if (!hasEnded(task.status) || (previous !== null && hasEnded(previous.status))) return;
        if (router.state.location.pathname === `/dashboard/tasks/${task.id}`) return;
        if (untold.current.push(task) > MAX_UNTOLD) untold.current.shift();
        setCount((before) => before + 1);
      }),
    [client, router],
  );
  return (
    count > 0 && (
      <LazyPart>
        <TaskToasts untold={untold.current} count={count} />
      </LazyPart>
    )
  );
}
