import { eventually, type HubProcess } from '@booner/testkit';
import { send } from './task-bed.ts';

/** Waits until a hub answers `/readyz` with 503. @returns the reason that it gives */
export async function untilNotReady(hub: HubProcess): Promise<string> {
  const { body } = await eventually(
    async () => {
      const answer = await send(hub, 'GET', '/readyz');
      return answer.status === 503 ? answer : null;
    },
    { what: 'the hub to notice that Redis is down' },
  );
  return String(body.reason);
}

export const untilReady = (hub: HubProcess) =>
  eventually(async () => (await send(hub, 'GET', '/readyz')).status === 200, {
    what: 'the hub to be ready',
  });
