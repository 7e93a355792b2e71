-- Records the progress of an attempt. The runner of an attempt that is over is asked to stop it.
--
-- KEYS[1] the stream of the report
-- KEYS[2] the task's hash
-- ARGV    entry, report (JSON, cut), host, instance, task, attempt, counter, percent or empty,
--         message or empty, lines of output, steps (JSON) or empty if none are reported, number of
--         the start or 0
-- Returns {'applied'} | {'repeated'} | {'late', reason}
-- Events  `progress` if a visible field changed. Control: `stop`.

local entry, json, host, instance, id, attempt, counter, percent, message, log_lines, steps,
  number = unpack(ARGV)
local report = { type = 'progress', task = id, host = host, json = json }
local task = read_task(id)
local function stop() tell(host, 'stop', 'task', id, 'attempt', attempt) end

require_types(host)
if task and task.host ~= host then require_types(task.host) end
take_off(KEYS[1], entry)
if not task then
  if serving_instance(host) == instance then stop() end
  return late(nil, report, 'unknown task')
end
if task.status ~= 'running' or task.attemptToken ~= attempt or task.instance ~= instance then
  local is_its_runner = is_same_runner(task.instance, instance)
    or is_same_runner(serving_instance(host), instance)
  if task.host == host and is_its_runner then stop() end
  return late(task, report, has_ended(task) and 'the task has ended: ' .. task.status
    or 'another attempt, or none, is running')
end
if tonumber(counter) <= (tonumber(task.progressCounter) or 0) then return { 'repeated' } end
if steps == '' then steps = task.steps end
local count = attempt_after(task, number)
if percent ~= task.progressPercent or message ~= task.message or log_lines ~= task.logLines
  or steps ~= task.steps or count ~= task.attempt then
  commit(task, 'progress',
    { 'progressPercent', percent, 'message', message, 'logLines', log_lines, 'steps', steps,
      'attempt', count })
end
redis.call('HSET', task.key, 'progressCounter', counter)
return { 'applied' }
