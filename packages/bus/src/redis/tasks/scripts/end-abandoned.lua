-- Ends external tasks that their programs have not changed for some time. A task that an earlier hub
-- created has that time from now on.
--
-- KEYS    the tasks' hashes
-- ARGV    time in milliseconds, error, ids in the order of the keys
-- Returns the ids of the tasks that ended
-- Events  `ended` for each

local after_ms, reason = tonumber(ARGV[1]), ARGV[2]
local ended = {}
for i = 3, #ARGV do
  local task = read_task(ARGV[i])
  if task and task.external ~= '' and not has_ended(task) then
    local updated_ms = tonumber(task.updatedAtMs)
    if not updated_ms then
      redis.call('HSET', task.key, 'updatedAtMs', NOW_MS)
    elseif NOW_MS - updated_ms >= after_ms then
      require_types(task.host, external_keys(task.host, task.owner))
      finish(task, { 'status', 'failed', 'error', reason })
      ended[#ended + 1] = task.id
    end
  end
end
return ended
