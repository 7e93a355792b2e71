import { newIdempotencyKey, type TaskToCreate } from '@booner/client';
import { useBoonerClient } from '@booner/react';
import { useRef, useState } from 'react';

/**
 * Asks for a task, once: while it is being asked for nothing else is, nor after it was made, since the page of the task may take its
 * time to come. The same request again, after one that had no answer, makes no second task.
 */
export function useCreateTask() {
  const client = useBoonerClient();
  const [isCreating, setIsCreating] = useState(false);
  const isBusy = useRef(false);
  const last = useRef({ request: '', idempotencyKey: '' });

  /** @returns the task's id, or `null` when another request is on its way or was granted; rejects as the client does */
  async function create(task: TaskToCreate): Promise<string | null> {
    if (isBusy.current) return null;
    isBusy.current = true;
    setIsCreating(true);
    const request = JSON.stringify(task);
    if (last.current.request !== request) last.current = { request, idempotencyKey: newIdempotencyKey() };
    try {
      const { taskId } = await client.createTask({ ...task, idempotencyKey: last.current.idempotencyKey });
      return taskId;
    } catch (error) {
      isBusy.current = false;
      setIsCreating(false);
      throw error;
    }
  }
  return { create, isCreating };
}
