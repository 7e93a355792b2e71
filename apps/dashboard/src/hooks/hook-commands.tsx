import type { ShownHook } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { TriggerCommands, type TriggerCommandsProps } from '../triggers/trigger-commands.tsx';
import { HOOKS_KEY, hookQuery } from './hook-queries.ts';

export type HookCommandsProps = {
  readonly hook: ShownHook;
  readonly children?: TriggerCommandsProps['children'];
};

/** Pauses, resumes and removes a hook. Hidden from viewers. */
export function HookCommands({ hook: { name, hook, paused }, children }: HookCommandsProps) {
  const client = useBoonerClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const isPaused = paused !== null;
  const steer = async () => {
    const shown = await (isPaused ? client.resumeHook(name) : client.pauseHook(name));
    queries.setQueryData(hookQuery(client, name).queryKey, shown);
    await queries.invalidateQueries({ queryKey: HOOKS_KEY });
  };
  const remove = async () => {
    await client.removeHook(name);
    await navigate({ to: '/dashboard/hooks' });
    queries.removeQueries({ queryKey: hookQuery(client, name).queryKey });
    await queries.invalidateQueries({ queryKey: HOOKS_KEY });
  };
  return (
    <TriggerCommands
      {...{ name, isPaused, children }}
      kind="hook"
      starts={hook}
      onSteer={steer}
      whenRemoved="Its URL stops working. Rollouts that it has started go on."
      onRemove={remove}
    />
  );
}
