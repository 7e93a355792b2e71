import { defineScript } from '../run-script.ts';
import { PRELUDE } from './prelude.ts';

/**
 * Ends a task `failed` whose runner is gone at this instant.
 *
 * KEYS[1] the task's hash
 * ARGV    id, number of the attempt, error
 * Returns 1 if this call ended it
 * Events  `ended`
 */
export const END_LOST_TASK = defineScript([
  PRELUDE,
  `
local task = read_task(ARGV[1])
if not task or task.status ~= 'running' or task.external ~= '' or task.attempt ~= ARGV[2] then return 0 end
if redis.call('EXISTS', PRESENCE .. task.host) == 1 then return 0 end
require_types(task.host)
finish(task, { 'status', 'failed', 'error', ARGV[3] })
return 1
`,
]);
