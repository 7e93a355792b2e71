-- Ends a task `failed` whose runner is gone at this instant, or queues it again. The task keeps the
-- instance that ran it: another runner is not granted what that one may still be running.
--
-- KEYS[1] the task's hash
-- ARGV    id, number of the attempt, error
-- Returns 'ended' | 'requeued' | 'unchanged'
-- Events  `ended`; `progress` with the status `queued` for a task that is queued again

local id, attempt, reason = unpack(ARGV)
local task = read_task(id)
if not task or task.status ~= 'running' or task.external ~= '' or task.attempt ~= attempt then
  return 'unchanged'
end
if redis.call('EXISTS', PRESENCE .. task.host) == 1 then return 'unchanged' end
require_types(task.host)
local limit = limit_of(task)
if not limit or tonumber(attempt) >= limit or task.cancelRequestedAtMs ~= '' then
  finish(task, { 'status', 'failed', 'error', with_attempts(reason, attempt, limit) })
  return 'ended'
end
commit(task, 'progress',
  { 'status', 'queued', 'startedAtMs', '', 'progressPercent', '', 'message', '', 'steps', '' })
redis.call('SADD', QUEUED .. task.host, task.id)
return 'requeued'
