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

/** Reads the reports of a host as a hub that dies before it applies them. */
export async function readAndDie(operator: Operator, host: string): Promise<readonly Report[]> {
  const stream = `booner:reports:${host}`;
  await operator.xgroup('CREATE', stream, 'hubs', '0').catch(() => {}); // it exists in most cases
  const found = await operator.xreadgroup('GROUP', 'hubs', 'dead', 'COUNT', 100, 'STREAMS', stream, '>');
  const [[, entries] = []] = (found ?? []) as [key: string, [id: string, fields: string[]][]][];
  return (entries ?? []).map(([, fields]) => reportSchema.parse(JSON.parse(fieldsOf(fields).report!)));
}

/** Number of reports of a host that a hub has read and no hub has applied. */
export async function countPending(operator: Operator, host: string): Promise<number> {
  const stream = `booner:reports:${host}`;
  if ((await operator.exists(stream)) === 0) return 0;
  const [count] = (await operator.xpending(stream, 'hubs')) as [number];
  return count;
}
