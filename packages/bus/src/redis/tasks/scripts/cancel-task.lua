-- Ends a queued task, and requests the end of a running one.
--
-- KEYS[1] the task's hash
-- ARGV    id
-- Returns {'cancelled'} | {'cancelling'} | {'ended', status} | {'unknown'}
-- Events  `ended` for a queued task; `cancelling` for a running one, the first time.
--         Control: `deny` or `cancel`.

local task = read_task(ARGV[1])
if not task then return { 'unknown' } end
if task.status == 'cancelled' then return { 'cancelled' } end
if has_ended(task) then return { 'ended', task.status } end
require_types(task.host, task.external ~= '' and external_keys(task.host, task.owner) or nil)
if task.status == 'queued' then
  finish(task, { 'status', 'cancelled' })
  if task.external == '' then tell(task.host, 'deny', 'task', task.id, 'reason', 'cancelled') end
  return { 'cancelled' }
end
if task.cancelRequestedAtMs ~= '' then return { 'cancelling' } end
commit(task, 'cancelling', { 'cancelRequestedAtMs', NOW_MS })
if task.external == '' then
  redis.call('HSET', task.key, 'cancelSentAtMs', NOW_MS)
  tell(task.host, 'cancel', 'task', task.id, 'attempt', task.attemptToken)
end
return { 'cancelling' }
