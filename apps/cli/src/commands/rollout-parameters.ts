import type { BoonerClient } from '@booner/client';
import type { OfferedAction, ParameterValue } from '@booner/protocol';
import { readParameters } from './run-parameters.ts';

/**
 * Converts parameters of a rollout to the types of the action, as the first of its hosts that is
 * online offers it.
 * @param findHosts called only if there are parameters
 */
export async function readRolloutParameters(
  client: BoonerClient,
  param: readonly string[] | undefined,
  action: string,
  findHosts: () => Promise<readonly string[]>,
): Promise<Record<string, ParameterValue>> {
  if (param === undefined) return {};
  const hosts = new Set(await findHosts());
  const runners = await client.listRunners();
  const runner = runners.find(({ host, actions }) => hosts.has(host) && actions.includes(action));
  const offered =
    runner === undefined
      ? undefined
      : (await client.listActions(runner.host)).actions.find(({ name }) => name === action);
  return readParameters({ param }, offered && withoutSecrets(offered));
}

/** The hub refuses secrets in rollouts, and says so: here they are like other texts. */
const withoutSecrets = (action: OfferedAction): OfferedAction => ({
  ...action,
  parameters: action.parameters.map((parameter) =>
    parameter.type === 'string' ? { ...parameter, secret: false } : parameter,
  ),
});
