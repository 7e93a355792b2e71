import { backoffDelayMs } from '@booner/protocol/backoff';
import { sleep } from '@booner/service/abort';
import { DiskQueue } from './disk-queue.ts';
import { type EncodedSamples, HostSeries } from './host-series.ts';
import { sendBatch } from './send-batch.ts';
import { snappyBody } from './snappy-block.ts';
import type { Counts, FromWorker, ToWorker, WorkerSettings } from './worker-messages.ts';

/** Samples wait this long for others that are sent with them. */
const BATCH_MS = 500;
const BACKOFF = { minMs: 100, maxMs: 30_000 };
/** Limits the last attempt to send what is left. The rest is sent after the next start. */
const STOP_WITHIN_MS = 1000;
const COUNTS_INTERVAL_MS = 1000;
/** Without a refusal for this long, it is over: one bad host may spoil every other batch. */
const REFUSALS_OVER_MS = 600_000;

type Problem = Extract<FromWorker, { type: 'problem' }>['problem'];

/**
 * Encodes samples, keeps them on disk, and sends them in order. Belongs into a worker thread: it
 * blocks while it encodes, compresses, reads and writes.
 * @returns `handle` for messages, and `run`, which returns after `stop`
 * @throws Error of the system if the directory cannot be used
 */
export function createRemoteWriter(settings: WorkerSettings, report: (message: FromWorker) => void) {
  const queue = new DiskQueue(settings);
  const hosts = new Map<string, HostSeries>();
  const stopping = new AbortController();
  const problems = new Map<Problem, string>();
  const count = { handled: 0, sentSamples: 0, failedRequests: 0, refused: 0, disk: 0 };
  /** Ids of the messages that wait for everything before them to be sent. */
  let flushes: number[] = [];
  /** Ends the pause between two requests. */
  let pause = new AbortController();
  let oldestAtMs: number | null = null;
  let refusedAtMs = Number.NEGATIVE_INFINITY;

  const setProblem = (problem: Problem, reason: string | null) => {
    if ((problems.get(problem) ?? null) === reason) return;
    // Another reason of the same problem is no news.
    const isNews = reason === null || !problems.has(problem);
    if (reason === null) problems.delete(problem);
    else problems.set(problem, reason);
    if (isNews) report({ type: 'problem', problem, reason });
  };

  const store = (encoded: EncodedSamples | null) => {
    if (encoded === null) return;
    const { bytes, samples, atMs } = encoded;
    try {
      queue.append({ ...snappyBody(bytes), samples, atMs });
      oldestAtMs ??= atMs;
      setProblem('disk', null);
    } catch (error) {
      count.disk += samples;
      setProblem('disk', (error as Error).message);
    }
  };
  const seriesOf = (host: string): HostSeries => {
    const series = hosts.get(host) ?? new HostSeries();
    hosts.set(host, series);
    return series;
  };

  const answerFlushes = () => {
    for (const id of flushes) report({ type: 'flushed', id });
    flushes = [];
  };

  const handle = (message: ToWorker) => {
    switch (message.type) {
      case 'sample':
        count.handled += 1;
        store(seriesOf(message.host).encode(JSON.parse(message.json), message.labels, message.receivedAtMs));
        break;
      case 'end':
        for (const host of message.hosts) store(hosts.get(host)?.end() ?? null);
        break;
      case 'forget':
        for (const host of message.hosts) hosts.delete(host);
        break;
      case 'separate':
        queue.separate();
        break;
      case 'flush':
        flushes.push(message.id);
        if (problems.has('failed')) answerFlushes();
        else pause.abort();
        break;
      case 'stop':
        stopping.abort();
        pause.abort();
        break;
      default:
        message satisfies never;
    }
  };

  const counts = (): Counts => ({
    handled: count.handled,
    sentSamples: count.sentSamples,
    failedRequests: count.failedRequests,
    droppedSamples: { queueFull: queue.droppedSamples, refused: count.refused, disk: count.disk },
    queueBytes: queue.bytes,
    lagMs: oldestAtMs === null ? 0 : Math.max(0, Date.now() - oldestAtMs),
  });

  /** Sends the oldest batch. Returns the pause before the next one; `null`: there was none. */
  const sendNext = async (failures: number, signal: AbortSignal) => {
    const batch = queue.next();
    oldestAtMs = batch?.records[0]?.atMs ?? null;
    if (batch === null) return null;
    const outcome = await sendBatch(settings.receiver, batch, signal);
    if (outcome.type === 'failed') {
      count.failedRequests += 1;
      setProblem('failed', outcome.reason);
      return { hasFailed: true, pauseMs: outcome.retryAfterMs ?? backoffDelayMs(failures, BACKOFF) };
    }
    setProblem('failed', null);
    if (outcome.type === 'refused') {
      refusedAtMs = performance.now();
      count.refused += batch.samples;
      setProblem('refused', outcome.reason);
    } else {
      count.sentSamples += batch.samples;
      if (performance.now() - refusedAtMs > REFUSALS_OVER_MS) setProblem('refused', null);
    }
    queue.done(batch);
    return { hasFailed: false, pauseMs: batch.isFull ? 0 : BATCH_MS };
  };

  const run = async () => {
    const reporting = setInterval(() => report({ type: 'counts', counts: counts() }), COUNTS_INTERVAL_MS);
    // A request under way may take a second more: its answer says whether it counts.
    const ending = new AbortController();
    let deadline: NodeJS.Timeout | undefined;
    stopping.signal.addEventListener('abort', () => {
      deadline = setTimeout(() => ending.abort(), STOP_WITHIN_MS);
    });
    for (let failures = 0; !stopping.signal.aborted; ) {
      const sent = await sendNext(failures, ending.signal);
      failures = sent?.hasFailed === true ? failures + 1 : 0;
      if (sent === null || sent.hasFailed) answerFlushes();
      else if (flushes.length > 0) continue;
      pause = new AbortController();
      if (!stopping.signal.aborted) await sleep(sent?.pauseMs ?? BATCH_MS, pause.signal);
    }
    let isWorthIt = true;
    while (isWorthIt && !ending.signal.aborted) {
      const sent = await sendNext(0, ending.signal);
      isWorthIt = sent !== null && !sent.hasFailed;
    }
    clearTimeout(deadline);
    clearInterval(reporting);
    report({ type: 'counts', counts: counts() });
    queue.close();
  };
  return { handle, run };
}
