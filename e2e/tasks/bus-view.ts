import { type Report, reportSchema } from '@booner/protocol';
import { fieldsOf, HOST, type TaskBed } from './task-bed.ts';

/** The reports of one type about a task of the bed's host that wait in Redis for a hub. */
export async function reportsOf(bed: TaskBed, id: string, type: Report['type']): Promise<readonly Report[]> {
  const entries = await bed.operator.xrange(`booner:reports:${HOST}`, '-', '+');
  return entries
    .map(([, fields]) => reportSchema.parse(JSON.parse(fieldsOf(fields).report!)))
    .filter((report) => report.type === type && 'task' in report && report.task === id);
}
