import {
  type HostId,
  type Rollout,
  type RolloutHead,
  type RolloutHost,
  type RolloutId,
  rolloutHeadSchema,
  rolloutHostSchema,
} from '@booner/protocol';
import { accept, named, type OnRejected, type Reading, readValue, reject } from './stored-values.ts';

const HOST_PREFIX = 'host:';

/** Returns the field of a host in the hash of its rollout. */
export const hostField = (host: HostId): string => `${HOST_PREFIX}${host}`;

/** Returns a rollout without its hosts. */
export function headOf({ hosts: _, ...head }: Rollout): RolloutHead {
  return head;
}

/** Returns true if hubs may create the tasks that a rollout waits for. */
export const startsTasks = ({ status }: RolloutHead): boolean => status === 'running';

/** Parses a rollout without its hosts. */
export function readRolloutHead(id: RolloutId, text: string): Reading<RolloutHead> {
  const what = `rollout ${id}`;
  const reading = named(what, readValue(null, Buffer.from(text), rolloutHeadSchema));
  if (!reading.ok || reading.value.id === id) return reading;
  return reject('wrong_shape', null, `${what} is stored under the key of another one`);
}

/** Hosts parsed before the event loop gets a turn: a few milliseconds of work. */
const HOSTS_PER_TURN = 250;

/**
 * Parses the hash of a rollout. `null` if its head, or one of its hosts, cannot be parsed.
 * @param pause gives the event loop a turn
 */
export async function readRollout(
  id: RolloutId,
  fields: Readonly<Record<string, string>>,
  { onRejected, pause }: { readonly onRejected: OnRejected; readonly pause: () => Promise<void> },
): Promise<Rollout | null> {
  const head = accept(readRolloutHead(id, fields.rollout ?? ''), onRejected);
  if (head === null) return null;
  const hosts: RolloutHost[] = [];
  for (const [field, text] of Object.entries(fields)) {
    if (!field.startsWith(HOST_PREFIX)) continue;
    const host = accept(readHost(id, text), onRejected);
    if (host === null) return null;
    hosts.push(host);
    if (hosts.length % HOSTS_PER_TURN === 0) await pause();
  }
  return { ...head, hosts: hosts.sort((a, b) => a.index - b.index) };
}

const readHost = (id: RolloutId, text: string) =>
  named(`a host of rollout ${id}`, readValue(null, Buffer.from(text), rolloutHostSchema));
