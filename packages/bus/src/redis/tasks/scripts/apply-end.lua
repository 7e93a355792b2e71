-- Ends a task as the runner of its attempt reports.
--
-- KEYS[1] the stream of the report
-- KEYS[2] the task's hash
-- ARGV    entry, report (JSON, cut), host, instance, task, attempt, lines of output, status,
--         result (JSON) or empty, error or empty, steps (JSON) or empty if none are reported,
--         artefacts (JSON) or empty, number of the start or 0
-- Returns {'applied'} | {'repeated'} | {'late', reason}
-- Events  `ended`. Control: `settled`; `stop` for an attempt that is over while the task goes on.

local entry, json, host, instance, id, attempt, log_lines, status, result, message, steps,
  artefacts, number = unpack(ARGV)
local report = { type = 'end', task = id, host = host, json = json }
local task = read_task(id)
local function settle() tell(host, 'settled', 'task', id, 'attempt', attempt) end

require_types(host)
if task and task.host ~= host then require_types(task.host) end
take_off(KEYS[1], entry)
if task and task.status == 'running' and task.attemptToken == attempt and task.instance == instance then
  -- A runner that restarted has lost its count.
  local counted = string.format('%.0f', math.max(tonumber(task.logLines) or 0, tonumber(log_lines)))
  local ending =
    { 'status', status, 'result', result, 'error', message, 'logLines', counted, 'steps', steps,
      'attempt', attempt_after(task, number) }
  if artefacts ~= '' then
    ending[#ending + 1] = 'artefacts'
    ending[#ending + 1] = artefacts
  end
  finish(task, ending)
  redis.call('HSET', task.key, 'endedByAttempt', attempt)
  settle()
  return { 'applied' }
end
if task and task.endedByAttempt == attempt then
  settle()
  return { 'repeated' }
end
-- Any other runner is asked to stop reporting this end. If the task goes on, that runner may be the
-- one that starts it.
if is_same_runner(serving_instance(host), instance) then
  if task and not has_ended(task) then tell(host, 'stop', 'task', id, 'attempt', attempt) else settle() end
end
if not task then return late(nil, report, 'unknown task') end
return late(task, report, has_ended(task) and 'the task has ended: ' .. task.status
  or 'another attempt, or none, is running')
