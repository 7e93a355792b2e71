-- Grants a task to the runner that claims it, or denies it.
--
-- KEYS[1] the stream of the report
-- KEYS[2] the task's hash
-- ARGV    entry, report (JSON, cut), host, instance, task, token of the attempt if it is granted,
--         `1` if the task may be started again or empty, starts that its action then allows, starts
--         that the runner remembers
-- Returns {'applied'} | {'repeated'} | {'late', reason}
-- Events  `started` for a grant; `ended` for a task that another runner started, that was to be
--         cancelled, or that has used up its attempts. Control: `grant` or `deny`.

local entry, json, host, instance, id, token, idempotent, attempts, starts = unpack(ARGV)
local report = { type = 'claim', task = id, host = host, json = json }
local task = read_task(id)
local serving = serving_instance(host)
local count = task and math.max(tonumber(task.attempt), tonumber(starts))
local function deny(reason) tell(host, 'deny', 'task', id, 'reason', reason) end
-- The stream may have lost lines that the task has counted, and may hold lines that it has not.
local function log_lines()
  local counted = tonumber(task.logLines) or 0
  if redis.call('TYPE', LOG .. id).ok ~= 'stream' then return counted end
  bound_stream(LOG .. id, MAX_KEPT_LOG_ENTRIES, MAX_LOG_BYTES)
  local newest, fields = nil, {}
  repeat
    newest = redis.call('XREVRANGE', LOG .. id, '+', '-', 'COUNT', 1)[1]
    local _, problem = measure_entry(newest and newest[2] or {}, MAX_LOG_FIELDS_BYTES)
    if problem then redis.call('XDEL', LOG .. id, newest[1]) end
  until not problem
  if newest then
    for i = 1, #newest[2], 2 do fields[newest[2][i]] = newest[2][i + 1] end
  end
  local _, breaks = string.gsub(fields.text or '', '\n', '')
  return math.max(counted, (tonumber(fields.line) or 0) + breaks)
end
local function grant(attempt)
  tell(host, 'grant', 'task', id, 'instance', instance, 'attempt', attempt, 'number', task.attempt,
    'logLines', string.format('%.0f', log_lines()))
end
local function start()
  commit(task, 'started', { 'status', 'running', 'attempt', string.format('%.0f', count + 1),
    'maxAttempts', idempotent ~= '' and attempts or '', 'startedAtMs', NOW_MS,
    'progressPercent', '', 'message', '', 'steps', '' })
  redis.call('HSET', task.key, 'attemptToken', token, 'instance', instance, 'progressCounter', '0')
  if idempotent ~= '' then redis.call('HSET', task.key, 'idempotent', idempotent)
  else redis.call('HDEL', task.key, 'idempotent') end
  redis.call('SREM', QUEUED .. host, id)
  grant(token)
  return { 'applied' }
end
local function finish_instead(reason, changes)
  finish(task, changes)
  deny(reason)
  return { 'applied' }
end
local function fail(limit)
  return finish_instead(RUNNER_RESTARTED, { 'status', 'failed', 'error',
    with_attempts(RUNNER_RESTARTED, count, limit), 'attempt', string.format('%.0f', count) })
end

require_types(host)
take_off(KEYS[1], entry)
if serving ~= '' and not is_same_runner(serving, instance) then flag_conflict(host, instance) end
if not task then
  if serving == instance then deny('unknown task') end
  return late(nil, report, 'unknown task')
end
if task.host ~= host then return late(task, report, 'the task is not one of ' .. host) end
if serving ~= instance then return late(task, report, 'another runner serves this host, or none') end
if task.external ~= '' then
  deny('external task')
  return late(task, report, 'an external task has no runner')
end
if has_ended(task) then
  deny(task.status)
  return { 'repeated' }
end
if task.status == 'running' and task.instance == instance then
  grant(task.attemptToken)
  return { 'repeated' }
end
-- The task ran before: it is queued again, or was granted to an earlier start. What another runner
-- started may still be running.
if task.instance ~= '' and not is_same_runner(task.instance, instance) then return fail(limit_of(task)) end
-- A claim means that the runner did not start the attempt, or may start it again.
if task.status == 'running' and task.cancelRequestedAtMs ~= '' then
  return finish_instead('cancelled', { 'status', 'cancelled' })
end
local limit = idempotent ~= '' and tonumber(attempts) or limit_of(task)
if limit and count >= limit then return fail(limit) end
return start()
