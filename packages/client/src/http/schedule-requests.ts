import type { NewSchedule, ScheduleList, ShownSchedule } from '@booner/protocol';
import type { Rest } from './rest.ts';
import { badAnswer, type RequestOptions } from './task-requests.ts';

/** Each rejects with `BoonerError`, or with the signal's reason. */
export type ScheduleRequests = {
  /** Lists schedules by name. */
  listSchedules(options?: RequestOptions): Promise<ScheduleList>;
  readSchedule(name: string, options?: RequestOptions): Promise<ShownSchedule>;
  /**
   * Creates a schedule, or replaces it, which also resumes it. Each firing has the rights of the
   * credential that saved it last. Operators only.
   */
  saveSchedule(name: string, schedule: NewSchedule, options?: RequestOptions): Promise<ShownSchedule>;
  /** Rollouts that it has started continue. Operators only. */
  removeSchedule(name: string, options?: RequestOptions): Promise<void>;
  /** Operators only. */
  pauseSchedule(name: string, options?: RequestOptions): Promise<ShownSchedule>;
  /** Times that have passed meanwhile do not fire. Operators only. */
  resumeSchedule(name: string, options?: RequestOptions): Promise<ShownSchedule>;
};

/** The hub looks at the actions of each host, of which there may be thousands. */
const SAVE_TIMEOUT_MS = 30_000;

export function createScheduleRequests(rest: Rest): ScheduleRequests {
  const steer =
    (direction: string) =>
    async (name: string, { signal }: RequestOptions = {}) =>
      parseSchedule(await rest({ method: 'POST', path: `${pathOf(name)}/${direction}`, signal }));
  return {
    async listSchedules({ signal } = {}) {
      const list = (await rest({ path: 'schedules', signal })) as ScheduleList | null;
      if (!Array.isArray(list?.schedules)) throw badAnswer();
      return list;
    },
    async readSchedule(name, { signal } = {}) {
      return parseSchedule(await rest({ path: pathOf(name), signal }));
    },
    async saveSchedule(name, body, { signal } = {}) {
      const request = { method: 'PUT', path: pathOf(name), timeoutMs: SAVE_TIMEOUT_MS } as const;
      return parseSchedule(await rest({ ...request, body, signal }));
    },
    async removeSchedule(name, { signal } = {}) {
      await rest({ method: 'DELETE', path: pathOf(name), signal });
    },
    pauseSchedule: steer('pause'),
    resumeSchedule: steer('resume'),
  };
}

const pathOf = (name: string): string => `schedules/${encodeURIComponent(name)}`;

function parseSchedule(answer: unknown): ShownSchedule {
  const schedule = answer as ShownSchedule | null;
  if (typeof schedule?.words !== 'string' || !Array.isArray(schedule.firings)) throw badAnswer();
  return schedule;
}
