import { newIdempotencyKey, type TaskToCreate } from '@booner/client';
import { useBoonerClient } from '@booner/react';
import { useRef, useState } from 'react';

/**
 * Creates a task at most once: never while a request is under way, nor after a success, since the
 * task's page may take a while to load. Repeating a request that got no answer does not create a
 * second task.
 */
export function useCreateTask() {
  const client = useBoonerClient();
  const [isCreating, setIsCreating] = useState(false);
  const isBusy = useRef(false);
  const last = useRef({ request: '', idempotencyKey: '' });

  /**
   * Returns the task's id, or `null` if another request is under way or has succeeded. Rejects like
   * the client.
   */
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
