import { newIdempotencyKey } from '@booner/client';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';

/**
 * Starts a rollout and opens its page. Repeating a request that got no answer does not start a
 * second rollout.
 * @param start sends the request with a key, and returns the id of the rollout
 */
export function useStartOnce<Body>(start: (body: Body, key: string) => Promise<string>) {
  const navigate = useNavigate();
  const last = useRef({ request: '', key: '' });
  return useMutation({
    mutationFn: async (body: Body) => {
      const request = JSON.stringify(body);
      if (last.current.request !== request) last.current = { request, key: newIdempotencyKey() };
      const rolloutId = await start(body, last.current.key);
      await navigate({ to: '/dashboard/rollouts/$rolloutId', params: { rolloutId } });
    },
  });
}
