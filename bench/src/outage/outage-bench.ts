import { eventually, startAgent, startHub, startRedis, startTcpProxy } from '@booner/testkit';
import { messageOf, type PartContext, type PartResult } from '../part-result.ts';
import { PLAIN_NODE } from '../processes/plain-node.ts';
import { type OutageFigures, presentOutage } from './outage-table.ts';

const ROUNDS = { full: 5, short: 1 };
const HOST = '127.0.0.2';
const LEAVING_HOST = '127.0.0.3';
const DEADLINE_MS = 60_000;
const LOOK_EVERY_MS = 20;

type Round = Omit<OutageFigures, 'rounds'>;

/** Measures how soon a hub and an agent notice, answer and end when Redis falls silent. */
export async function runOutageBench(context: PartContext): Promise<PartResult> {
  const rounds: Round[] = [];
  const planned = context.isShort ? ROUNDS.short : ROUNDS.full;
  try {
    while (rounds.length < planned) {
      context.progress(`outage: round ${rounds.length + 1} of ${planned}`);
      rounds.push(await runRound());
      context.signal.throwIfAborted();
    }
  } catch (error) {
    context.signal.throwIfAborted();
    return presentOutage(null, [messageOf(error)]);
  }
  const longest = (name: keyof Round) => Math.max(...rounds.map((round) => round[name]));
  return presentOutage(
    {
      hubNoticedMs: longest('hubNoticedMs'),
      callEndedMs: longest('callEndedMs'),
      agentNoticedMs: longest('agentNoticedMs'),
      agentEndedMs: longest('agentEndedMs'),
      hubEndedMs: longest('hubEndedMs'),
      rounds: planned,
    },
    [],
  );
}

async function runRound(): Promise<Round> {
  await using redis = await startRedis();
  await using proxy = await startTcpProxy({ targetPort: redis.port });
  const redisUrl = `redis://127.0.0.1:${proxy.port}`;
  await using hub = await startHub({ redisUrl, env: PLAIN_NODE });
  await using leavingHub = await startHub({ redisUrl, env: PLAIN_NODE });
  await using agent = await startAgent({ redisUrl, hostId: HOST, env: PLAIN_NODE });
  await using leavingAgent = await startAgent({ redisUrl, hostId: LEAVING_HOST, env: PLAIN_NODE });
  for (const host of [HOST, LEAVING_HOST]) {
    await until(`target ${host}`, async () => {
      const response = await hub.get(`/targets/${host}`);
      return response.ok && ((await response.json()) as { status: string }).status === 'active';
    });
  }
  await until('the other hub', async () => (await leavingHub.get('/readyz')).ok);

  proxy.pause();
  const [hubNoticedMs, callEndedMs, agentNoticedMs, agentEndedMs, hubEndedMs] = await Promise.all([
    timed(() => until('a hub that is not ready', async () => (await hub.get('/readyz')).status === 503)),
    timed(() => expectUnavailable(`${hub.url}/tasks`)),
    timed(() =>
      until('an agent that notices', () =>
        agent.logs().some(({ msg }) => msg.startsWith('Redis is unavailable')),
      ),
    ),
    timed(() => leavingAgent.stop()),
    timed(() => leavingHub.stop()),
  ]);
  return { hubNoticedMs, callEndedMs, agentNoticedMs, agentEndedMs, hubEndedMs };
}

async function expectUnavailable(url: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ host: HOST, action: 'deploy', external: true }),
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  if (response.status !== 503) throw new Error(`POST /tasks was answered by ${response.status}`);
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await run();
  return performance.now() - startMs;
}

const until = (what: string, condition: () => boolean | Promise<boolean>) =>
  eventually(condition, { deadlineMs: DEADLINE_MS, everyMs: LOOK_EVERY_MS, what });
