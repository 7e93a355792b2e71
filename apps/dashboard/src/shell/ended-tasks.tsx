import type { Task } from '@booner/protocol';
import { hasEnded } from '@booner/protocol/has-ended';
import { useBoonerClient } from '@booner/react';
import { useRouter } from '@tanstack/react-router';
import { lazy, useEffect, useRef, useState } from 'react';
import { LazyPart } from '../ui/lazy-part.tsx';

/** Kept until the toasts have loaded, possibly forever. */
const MAX_UNSHOWN = 100;

const TaskToasts = lazy(async () => ({ default: (await import('./task-toasts.tsx')).TaskToasts }));

/**
 * Shows a toast for tasks that end while the page is open, unless the page of the task or of its
 * rollout is shown. Its code loads when needed.
 */
export function EndedTasks() {
  const client = useBoonerClient();
  const router = useRouter();
  const unshown = useRef<Task[]>([]);
  const [count, setCount] = useState(0);
  useEffect(
    () =>
      client.onTaskChange(({ task, previous }) => {
        if (!hasEnded(task.status) || (previous !== null && hasEnded(previous.status))) return;
        const { pathname } = router.state.location;
        const pages = [`/dashboard/tasks/${task.id}`, `/dashboard/rollouts/${task.rollout}`];
        if (pages.includes(pathname)) return;
        if (unshown.current.push(task) > MAX_UNSHOWN) unshown.current.shift();
        setCount((before) => before + 1);
      }),
    [client, router],
  );
  return (
    count > 0 && (
      <LazyPart>
        <TaskToasts unshown={unshown.current} count={count} />
      </LazyPart>
    )
  );
}
