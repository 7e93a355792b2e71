import { type Report, reportSchema } from '@booner/protocol';
import { fieldsOf, type TaskBed } from './task-bed.ts';

type Operator = TaskBed['operator'];

/** The reports about a task that came too late to change it, oldest first. */
export async function lateReportsOf(
  operator: Operator,
  id: string,
): Promise<readonly Record<string, string>[]> {
  const entries = await operator.xrange('booner:late-reports', '-', '+');
  return entries.map(([, fields]) => fieldsOf(fields)).filter(({ task }) => task === id);
}

/** The reports that a hub has read and no hub has applied. */
export async function pendingReports(
  operator: Operator,
): Promise<readonly { readonly id: string; readonly hub: string; readonly report: Report }[]> {
  const pending = await operator.xpending('booner:reports', 'hubs', '-', '+', 100);
  return Promise.all(
    (pending as [id: string, hub: string][]).map(async ([id, hub]) => {
      const [entry] = await operator.xrange('booner:reports', id, id);
      return { id, hub, report: reportSchema.parse(JSON.parse(fieldsOf(entry?.[1] ?? []).report!)) };
    }),
  );
}

/** Seconds that each hub has been waiting for the next report. */
export async function reportWaits(operator: Operator): Promise<readonly number[]> {
  const clients = String(await operator.client('LIST')).split('\n');
  return clients
    .filter((line) => / name=booner-hub-reports .* flags=\S*b\S* .* cmd=xreadgroup /.test(line))
    .map((line) => Number(/ idle=(\d+) /.exec(line)?.[1]));
}
