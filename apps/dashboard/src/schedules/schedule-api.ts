import { BoonerError, type BoonerErrorCode } from '@booner/client';
import type { Problem, Schedule, ScheduleList, ShownSchedule } from '@booner/protocol';

const TIMEOUT_MS = 10_000;

type Options = { readonly signal?: AbortSignal | undefined };

/** A schedule as a form sends it. The hub checks it, and names the fields that are invalid. */
export type ScheduleToSet = Partial<Record<keyof Schedule, unknown>>;

/** Lists all schedules, by name. Rejects with `BoonerError`, as all of these do. */
export const listSchedules = async ({ signal }: Options = {}): Promise<ScheduleList['schedules']> =>
  ((await send('GET', 'schedules', { signal })) as ScheduleList).schedules;

export const readSchedule = (name: string, { signal }: Options = {}): Promise<ShownSchedule> =>
  send('GET', pathOf(name), { signal }) as Promise<ShownSchedule>;

/** Creates a schedule, or replaces it. It is no longer paused. */
export const setSchedule = (name: string, schedule: ScheduleToSet): Promise<ShownSchedule> =>
  send('PUT', pathOf(name), { body: schedule }) as Promise<ShownSchedule>;

export const pauseSchedule = (name: string): Promise<ShownSchedule> =>
  send('POST', `${pathOf(name)}/pause`) as Promise<ShownSchedule>;

export const resumeSchedule = (name: string): Promise<ShownSchedule> =>
  send('POST', `${pathOf(name)}/resume`) as Promise<ShownSchedule>;

export async function removeSchedule(name: string): Promise<void> {
  await send('DELETE', pathOf(name));
}

const pathOf = (name: string): string => `schedules/${encodeURIComponent(name)}`;

const CODES: Readonly<Record<number, BoonerErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  429: 'busy',
  503: 'busy',
};

async function send(
  method: string,
  path: string,
  { body, signal }: Options & { readonly body?: unknown } = {},
): Promise<unknown> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(`/${path}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      cache: 'no-store',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    if (response.status === 204) return null;
    const answer = await response.json().catch(() => null);
    if (!response.ok) throw refusal(response.status, answer);
    if (answer === null) throw new BoonerError('bad_answer', 'the hub did not answer with JSON');
    return answer;
  } catch (cause) {
    if (cause instanceof BoonerError || signal?.aborted) throw cause;
    if (timeout.aborted) {
      throw new BoonerError('timeout', `the hub did not answer within ${TIMEOUT_MS} ms`, { cause });
    }
    throw new BoonerError('unreachable', 'the hub cannot be reached', { cause });
  }
}

function refusal(status: number, answer: Partial<Problem> | null): BoonerError {
  const problem = typeof answer?.title === 'string' ? (answer as Problem) : null;
  const message = problem?.detail || problem?.title || `the hub answered with status ${status}`;
  return new BoonerError(CODES[status] ?? (status >= 500 ? 'failed' : 'invalid'), message, {
    status,
    problem,
  });
}
