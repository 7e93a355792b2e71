import type { TaskToCreate } from '@booner/client';
import { useBoonerClient } from '@booner/react';
import { useRef, useState } from 'react';

/**
 * Asks for a task, once: while it is being asked for nothing else is, and the same request again, after one that had no answer, makes
 * no second task.
 */
export function useCreateTask() {
  const client = useBoonerClient();
  const [isCreating, setIsCreating] = useState(false);
  const isBusy = useRef(false);
  const last = useRef({ request: '', idempotencyKey: '' });

  /** @returns the task's id, or `null` when another request is on its way; rejects as the client does */
  async function create(task: TaskToCreate): Promise<string | null> {
    if (isBusy.current) return null;
    isBusy.current = true;
    setIsCreating(true);
    const request = JSON.stringify(task);
    if (last.current.request !== request) last.current = { request, idempotencyKey: newKey() };
    try {
      const { taskId } = await client.createTask({ ...task, idempotencyKey: last.current.idempotencyKey });
      last.current = { request: '', idempotencyKey: '' };
      return taskId;
    } finally {
      isBusy.current = false;
      setIsCreating(false);
    }
  }
  return { create, isCreating };
}

/** Unlike `crypto.randomUUID` this works on pages that came over plain HTTP. */
const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
