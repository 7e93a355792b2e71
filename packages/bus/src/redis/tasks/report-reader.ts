import type { Cursor, HostId } from '@booner/protocol';
import { hostOfReportsKey, REPORTS_KEY, REPORTS_PATTERN } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import { MAX_WAIT_MS } from '../../limits.ts';
import { createNotifier } from '../../notifier.ts';
import type { RejectionReason } from '../../ports.ts';
import { readReport } from '../../received-report.ts';
import { type OnRejected, reject } from '../../stored-values.ts';
import type { ReceivedReport } from '../../task-ports.ts';
import { runScript } from '../connection/run-script.ts';
import { scanKeys } from '../connection/scan-keys.ts';
import { fieldsOf } from '../connection/stream-fields.ts';
import { READ_REPORTS, TAKE_OVER_REPORTS } from './task-scripts.ts';

/** Streams that one script reads: Redis does nothing else for some milliseconds. */
const MAX_STREAMS = 64;
/** Position of the reports that no hub has read. */
const NEW = '>';
/** Position before the reports that this hub has read and not applied. */
const OWN = '0';

type Entry = readonly [id: string, fields: readonly string[]];
type Part = readonly [goOn: string, dropped: readonly string[], entries: readonly Entry[]];
type Stream = { readonly key: string; readonly host: HostId | null };

/**
 * Reads reports for one hub, on one connection. Streams are read in turns, those that changed and
 * those with more to read. All methods reject with BusError.
 */
export function createReportReader(redis: Redis, hub: string, onRejected: OnRejected, signal: AbortSignal) {
  /** Streams to read, each from a position, in the order of their turns. */
  let turns = new Map<string, string>();
  const notifier = createNotifier();
  /** The search for streams with reports from before this connection; `null` until it succeeds. */
  let finding: Promise<void> | null = null;

  const streamOf = (key: string): Stream | null => {
    if (key === REPORTS_KEY) return { key, host: null };
    const host = hostOfReportsKey(key);
    return host === null ? null : { key, host };
  };
  const findStreams = async (): Promise<readonly Stream[]> => {
    const keys = await scanKeys(redis, REPORTS_PATTERN, signal);
    return [REPORTS_KEY, ...keys].flatMap((key) => {
      const stream = streamOf(key);
      if (stream !== null) return [stream];
      onRejected(reject('bad_host', null, 'a stream of reports does not name a valid host').rejection);
      return [];
    });
  };
  const findOwn = async () => {
    try {
      for (const { key } of await findStreams()) turns.set(key, OWN);
    } catch (error) {
      finding = null;
      throw error;
    }
  };
  /** A stream stays where it is, at an earlier position if it has one: new reports come after. */
  const addTurn = (key: string, position: string) => {
    if (!turns.has(key) || position !== NEW) turns.set(key, position);
    notifier.notify();
  };
  const putBack = (batch: readonly (readonly [key: string, position: string])[]) => {
    turns = new Map([...batch, ...turns, ...batch]);
  };
  const receive = ({ host }: Stream, [, dropped, entries]: Part): readonly ReceivedReport[] => {
    for (let at = 0; at + 1 < dropped.length; at += 2) {
      onRejected(reject(dropped[at] as RejectionReason, host, dropped[at + 1]!).rejection);
    }
    return entries.map(([id, flat]) =>
      readReport(host, id as Cursor, fieldsOf(flat).get('report'), onRejected),
    );
  };

  /** Reads the streams whose turn it is. A wake-up meanwhile gives a stream another turn. */
  const readTurns = async (max: number): Promise<readonly ReceivedReport[]> => {
    const batch = [...turns.entries().take(Math.min(max, MAX_STREAMS))];
    for (const [key] of batch) turns.delete(key);
    const keys = batch.map(([key]) => key);
    const args = [hub, Math.floor(max / batch.length), ...batch.map(([, position]) => position)];
    let parts: readonly Part[];
    try {
      parts = (await runScript(redis, READ_REPORTS, keys, args)) as Part[];
    } catch (error) {
      putBack(batch);
      throw error;
    }
    // Streams that were not reached stay first, lest those before them fill each answer.
    if (parts.length < batch.length) putBack(batch.slice(parts.length));
    return parts.flatMap((part, index) => {
      const key = keys[index]!;
      if (part[0] !== '') addTurn(key, part[0]);
      const stream = streamOf(key);
      return stream === null ? [] : receive(stream, part);
    });
  };

  return {
    /** Gives a stream a turn. Ignores other keys. */
    wake: (key: string) => {
      if (!turns.has(key) && streamOf(key) !== null) addTurn(key, NEW);
    },

    /** The next reports; none if there were none for 5 s. */
    next: async (max: number): Promise<readonly ReceivedReport[]> => {
      const endMs = performance.now() + MAX_WAIT_MS;
      finding ??= findOwn();
      await finding;
      for (;;) {
        while (turns.size > 0) {
          const received = await readTurns(max);
          if (received.length > 0) return received;
        }
        const leftMs = endMs - performance.now();
        if (leftMs <= 0) return [];
        await notifier.notified(leftMs, signal);
        if (signal.aborted) throw new BusError('disconnected', 'the connection was lost while waiting');
      }
    },

    /**
     * Takes over reports that a hub read at least `idleMs` ago and did not apply. Also gives every
     * stream a turn: a lost wake-up delays a report until the next call at most.
     */
    takeOver: async (idleMs: number, max: number): Promise<readonly ReceivedReport[]> => {
      const streams = await findStreams();
      const taken: ReceivedReport[] = [];
      for (let at = 0; at < streams.length && taken.length < max; ) {
        const batch = streams.slice(at, at + MAX_STREAMS);
        const keys = batch.map(({ key }) => key);
        const args = [hub, idleMs, max - taken.length];
        const parts = (await runScript(redis, TAKE_OVER_REPORTS, keys, args)) as Part[];
        for (const [index, part] of parts.entries()) taken.push(...receive(batch[index]!, part));
        at += parts.length;
      }
      for (const { key } of streams) addTurn(key, NEW);
      return taken;
    },
  };
}
