import { type Daemon, daemonOf, startDaemon } from './daemon.ts';

export type StartAgentOptions = {
  readonly redisUrl: string;
  readonly hostId: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly args?: readonly string[];
};

export type AgentProcess = Daemon & {
  readonly hostId: string;
  /** Identifies this start of the agent. */
  readonly instance: string;
};

/**
 * Starts an agent. Returns when it begins to sample, whether or not Redis is reachable.
 * @throws DaemonEndedError when it ends before that
 */
export async function startAgent({ redisUrl, hostId, env, args }: StartAgentOptions): Promise<AgentProcess> {
  const { process, started } = await startDaemon({
    app: 'agent',
    args,
    env: { REDIS_URL: redisUrl, BOONER_HOST_ID: hostId, ...env },
    startedField: 'instance',
  });
  return daemonOf(() => process, {
    hostId,
    instance: String(started.instance),
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  });
}
