-- Asks the runner again to cancel a task that still runs.
--
-- KEYS[1] the task's hash
-- ARGV    id, milliseconds since the runner was last asked
-- Returns 1 if the runner was asked
-- Events  none. Control: `cancel`.

local task = read_task(ARGV[1])
if not task or task.status ~= 'running' or task.external ~= '' or task.cancelRequestedAtMs == '' then
  return 0
end
if NOW_MS - (tonumber(task.cancelSentAtMs) or 0) < tonumber(ARGV[2]) then return 0 end
require_types(task.host)
redis.call('HSET', task.key, 'cancelSentAtMs', NOW_MS)
tell(task.host, 'cancel', 'task', task.id, 'attempt', task.attemptToken)
return 1
