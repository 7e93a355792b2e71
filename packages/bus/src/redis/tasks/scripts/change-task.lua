-- Changes an external task as the program that drives it reports.
--
-- KEYS[1] the task's hash
-- ARGV    id, status or empty, names of the fields to return separated by spaces,
--         then field, value, field, value …
-- Returns {'changed', values of the named fields} | {'forbidden', status} | {'not_external'}
--         | {'unknown'}
-- Events  `started` and `ended` for a new status, else `progress`; none if nothing changed

local NEXT = {
  queued = { queued = true, running = true, failed = true, cancelled = true },
  running = { running = true, completed = true, failed = true, cancelled = true },
}
local task = read_task(ARGV[1])
if not task then return { 'unknown' } end
if task.external == '' then return { 'not_external' } end
local status = ARGV[2] ~= '' and ARGV[2] or task.status
if has_ended(task) or not NEXT[task.status][status] then return { 'forbidden', task.status } end
require_types(task.host, external_keys(task.host, task.owner))

redis.call('HSET', task.key, 'updatedAtMs', NOW_MS)
local changes, is_news = {}, false
for i = 4, #ARGV, 2 do
  changes[#changes + 1] = ARGV[i]
  changes[#changes + 1] = ARGV[i + 1]
  is_news = is_news or ARGV[i + 1] ~= task[ARGV[i]]
end
if status == task.status then
  if is_news then commit(task, 'progress', changes) end
else
  changes[#changes + 1] = 'status'
  changes[#changes + 1] = status
  if status == 'running' then
    changes[#changes + 1] = 'startedAtMs'
    changes[#changes + 1] = NOW_MS
    changes[#changes + 1] = 'attempt'
    changes[#changes + 1] = string.format('%.0f', task.attempt + 1)
    commit(task, 'started', changes)
  else
    finish(task, changes)
  end
end
local fields = {}
for field in string.gmatch(ARGV[3], '%S+') do fields[#fields + 1] = field end
return { 'changed', redis.call('HMGET', task.key, unpack(fields)) }
