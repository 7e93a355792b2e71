import { Toast } from '@base-ui/react/toast';
import type { Task } from '@booner/protocol';
import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { IconButton } from '../ui/button.tsx';
import { StatusWord } from '../ui/status-word.tsx';
import { type Overflow, overflowText, planToast } from './toast-plan.ts';

const NONE: Overflow = { ended: 0, failed: 0 };

type ToastData = { readonly task: Task } | { readonly overflow: Overflow };

export type TaskToastsProps = {
  /** Ended tasks without a toast yet. Shown ones are removed. */
  readonly unshown: Task[];
  /** Changes when tasks are added. */
  readonly count: number;
};

/** Short messages in a corner. F6 moves to them. */
export function TaskToasts(props: TaskToastsProps) {
  return (
    <Toast.Provider limit={4}>
      <Announcer {...props} />
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-4 z-40 flex w-92 max-w-[calc(100vw-16px)] flex-col gap-2 outline-none max-sm:right-2 max-sm:bottom-2">
          <Toasts />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function Announcer({ unshown, count }: TaskToastsProps) {
  const { add } = Toast.useToastManager<ToastData>();
  const open = useRef(new Set<string>());
  const overflow = useRef(NONE);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `count` signals additions to `unshown`
  useEffect(() => {
    for (const task of unshown.splice(0)) {
      const { id } = task;
      const plan = planToast(task, open.current.size, overflow.current);
      const timeout = plan.timeoutMs ?? 0; // the library's 0: stays open
      if (plan.kind === 'task') {
        open.current.add(id);
        add({ id, timeout, data: { task }, onClose: () => open.current.delete(id) });
      } else {
        overflow.current = plan.overflow;
        const onClose = () => {
          overflow.current = NONE;
        };
        add({ id: 'overflow', timeout, data: { overflow: plan.overflow }, onClose });
      }
    }
  }, [unshown, count, add]);
  return null;
}

function Toasts() {
  const { toasts, close } = Toast.useToastManager<ToastData>();
  return toasts.toReversed().map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      swipeDirection="right"
      className="rounded-md border border-line-strong bg-panel text-ink transition-[opacity,translate] duration-150 data-ending-style:opacity-0 data-starting-style:translate-y-2 data-starting-style:opacity-0 data-limited:hidden data-swiping:translate-x-(--toast-swipe-movement-x) data-swiping:transition-none"
    >
      <Toast.Content className="flex items-start gap-2 py-2 pr-1 pl-3">
        <div className="min-w-0 flex-1 py-1.5 pointer-coarse:py-2.5">
          {toast.data !== undefined && 'task' in toast.data ? (
            <EndOfTask task={toast.data.task} onOpen={() => close(toast.id)} />
          ) : (
            <Toast.Title render={<p />}>
              <Link
                to="/dashboard/tasks"
                className="underline underline-offset-2"
                onClick={() => close(toast.id)}
              >
                {overflowText(toast.data?.overflow ?? NONE)}
              </Link>
            </Toast.Title>
          )}
        </div>
        <Toast.Close render={<IconButton label="Close" />}>
          <X size={16} aria-hidden="true" />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}

function EndOfTask({ task, onOpen }: { readonly task: Task; readonly onOpen: () => void }) {
  return (
    <>
      <Toast.Title render={<p />} className="flex flex-wrap items-baseline gap-x-2">
        <StatusWord status={task.status} />
        <Link
          to="/dashboard/tasks/$taskId"
          params={{ taskId: task.id }}
          className="min-w-0 font-semibold break-words underline underline-offset-2"
          onClick={onOpen}
        >
          {task.action}
        </Link>
        <span className="text-muted">on {task.host}</span>
      </Toast.Title>
      {task.error !== null && (
        <Toast.Description className="mt-1 line-clamp-3 break-words">{task.error}</Toast.Description>
      )}
    </>
  );
}
