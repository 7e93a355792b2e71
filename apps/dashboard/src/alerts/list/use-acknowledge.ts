import { useBoonerClient } from '@booner/react';
import { useMutation } from '@tanstack/react-query';

/** Requests that are under way at once. */
const AT_ONCE = 8;

/** Acknowledges alerts by their ids. Fails with the first error, after it tried all of them. */
export function useAcknowledge() {
  const client = useBoonerClient();
  return useMutation({
    mutationFn: async (ids: readonly string[]) => {
      const failures: unknown[] = [];
      const waiting = ids.values();
      const work = async () => {
        for (const id of waiting) await client.acknowledgeAlert(id).catch((error) => failures.push(error));
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      if (failures.length > 0) throw failures[0];
    },
  });
}
