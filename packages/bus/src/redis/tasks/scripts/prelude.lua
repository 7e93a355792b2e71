-- Functions that the task scripts share. `task-scripts.ts` puts the names of keys and the limits
-- before this text, and the script itself after it.
--
-- Names of keys that depend on a stored task cannot be passed as KEYS. Redis Cluster would need
-- them there, and is not supported. JSON from users stays text: Lua's cjson would turn `[]` into `{}`.
--
-- A field without a value is absent from a task's hash, and an empty string here and in events.
-- Sorted sets are scored by microseconds, so that tasks of one millisecond keep their order.

local time = redis.call('TIME')
local NOW_US = string.format('%.0f', time[1] * 1000000 + time[2])
local NOW_MS = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))

local STATES = { queued = true, running = true, completed = true, failed = true, cancelled = true }
local FIELDS = { 'status', 'version', 'host', 'external', 'attempt', 'maxAttempts', 'attemptToken', 'instance',
  'idempotent', 'queueEntry', 'progressCounter', 'endedByAttempt', 'cancelRequestedAtMs',
  'cancelSentAtMs', 'startedAtMs', 'endedAtMs', 'progressPercent', 'message', 'result', 'error',
  'logLines', 'steps', 'owner', 'updatedAtMs' }

-- Returns nil if there is no task, or it cannot be read.
local function read_task(id)
  local key = TASK .. id
  if redis.call('TYPE', key).ok ~= 'hash' then return nil end
  local values = redis.call('HMGET', key, unpack(FIELDS))
  local task = { id = id, key = key }
  for i, field in ipairs(FIELDS) do task[field] = values[i] or '' end
  local sound = STATES[task.status] and tonumber(task.version) and tonumber(task.attempt) and task.host ~= ''
  return sound and task or nil
end

local function has_ended(task) return task.status ~= 'queued' and task.status ~= 'running' end

-- Returns the keys of the sets that count an open external task.
local function external_keys(host, owner)
  local keys = { EXTERNAL_OF_HOST .. host }
  if owner ~= '' then keys[2] = EXTERNAL_OF_OWNER .. owner end
  return keys
end

-- Fails if a key that this step writes holds another type. Called before the first write, so that a
-- step is done as a whole or not at all. `external` are keys for an external task.
local function require_types(host, external)
  local expected = { EVENTS, 'stream', LATE, 'stream',
    TASKS, 'zset', OPEN, 'zset', ENDED, 'zset',
    QUEUE .. host, 'stream', CONTROL .. host, 'stream', QUEUED .. host, 'set' }
  for _, key in ipairs(external or {}) do
    expected[#expected + 1] = key
    expected[#expected + 1] = 'set'
  end
  for i = 1, #expected, 2 do require_type(expected[i], expected[i + 1]) end
end

-- Returns the instance of the runner that serves a host; '' if there is none.
local function serving_instance(host)
  local key = PRESENCE .. host
  if redis.call('TYPE', key).ok ~= 'string' then return '' end
  return string.match(redis.call('GETRANGE', key, 0, 127), '"instance":"([%w_.-]+)"') or ''
end

local function is_same_runner(a, b)
  return a ~= '' and string.match(a, '^[^.]*') == string.match(b, '^[^.]*')
end

-- Returns the number of starts that a task may have; nil if it does not start again.
local function limit_of(task)
  if task.idempotent == '' then return nil end
  return tonumber(task.maxAttempts) or DEFAULT_ATTEMPTS
end

-- Returns the error of a task whose runner died, with the number of attempts if there is a limit.
local function with_attempts(reason, attempt, limit)
  if not limit then return reason end
  return string.format('%s (attempt %.0f of %.0f)', reason, attempt, limit)
end

-- Returns the number of starts after a report. A runner cannot count past the limit of the task.
local function attempt_after(task, number)
  local reported = tonumber(number) or 0
  local counts = reported > tonumber(task.attempt) and reported <= (limit_of(task) or 0)
  return counts and string.format('%.0f', reported) or task.attempt
end

local function flag_conflict(host, instance)
  redis.call('SET', CONFLICT .. host, instance, 'PX', CONFLICT_TTL_MS)
end

local function tell(host, ...)
  redis.call('XADD', CONTROL .. host, 'MAXLEN', '~', MAX_CONTROL_MESSAGES, '*', 'type', ...)
end

local function make_groups(host)
  for _, key in ipairs({ QUEUE .. host, CONTROL .. host }) do
    local made = redis.pcall('XGROUP', 'CREATE', key, RUNNER_GROUP, '0', 'MKSTREAM')
    if made.err and not string.find(made.err, 'BUSYGROUP', 1, true) then error(made) end
  end
end

-- One transition: new values of visible fields, the next version, and its event.
local function commit(task, kind, changes)
  task.version = string.format('%.0f', task.version + 1)
  local set, cleared, changed = { 'version', task.version }, {}, {}
  for i = 1, #changes, 2 do
    local field, value = changes[i], changes[i + 1]
    if value ~= task[field] then
      task[field] = value
      if value == '' then
        cleared[#cleared + 1] = field
      else
        set[#set + 1] = field
        set[#set + 1] = value
      end
      if field ~= 'status' then
        changed[#changed + 1] = field
        changed[#changed + 1] = value
      end
    end
  end
  redis.call('HSET', task.key, unpack(set))
  if #cleared > 0 then redis.call('HDEL', task.key, unpack(cleared)) end
  redis.call('XADD', EVENTS, 'MAXLEN', '~', MAX_EVENTS, '*', 'task', task.id, 'kind', kind,
    'version', task.version, 'host', task.host, 'status', task.status, unpack(changed))
end

-- Returns the steps (JSON) of a task that ended with this status, which a step that still runs gets
-- too. Names of steps contain no quotes.
local function settle_steps(steps, status)
  steps = string.gsub(steps, '"status":"running"', '"status":"' .. status .. '"')
  return (string.gsub(steps, '"status":"waiting"', '"status":"skipped"'))
end

-- Completes the changes that end a task. A completed task that reported progress is at 100 %; any
-- other keeps its last progress. Its message is cleared, unless the end brings a new one. Steps are
-- those that were reported last.
local function end_progress(task, changes)
  local given, status, kept =
    { progressPercent = task.progressPercent, message = '', steps = '' }, '', {}
  for i = 1, #changes, 2 do
    local field, value = changes[i], changes[i + 1]
    if given[field] then
      given[field] = value
    else
      kept[#kept + 1] = field
      kept[#kept + 1] = value
      if field == 'status' then status = value end
    end
  end
  if status == 'completed' and given.progressPercent ~= '' then given.progressPercent = '100' end
  given.steps = settle_steps(given.steps ~= '' and given.steps or task.steps, status)
  for _, field in ipairs({ 'progressPercent', 'message', 'steps' }) do
    kept[#kept + 1] = field
    kept[#kept + 1] = given[field]
  end
  return kept
end

-- The last transition of a task: its log expires, and its runner is no longer offered it.
local function finish(task, given)
  local changes = end_progress(task, given)
  changes[#changes + 1] = 'endedAtMs'
  changes[#changes + 1] = NOW_MS
  commit(task, 'ended', changes)
  redis.call('ZREM', OPEN, task.id)
  redis.call('ZADD', ENDED, NOW_US, task.id)
  redis.call('SREM', QUEUED .. task.host, task.id)
  if task.external ~= '' then
    for _, key in ipairs(external_keys(task.host, task.owner)) do redis.call('SREM', key, task.id) end
  end
  if task.queueEntry ~= '' then
    redis.call('XACK', QUEUE .. task.host, RUNNER_GROUP, task.queueEntry)
    redis.call('XDEL', QUEUE .. task.host, task.queueEntry)
  end
  redis.call('PEXPIRE', LOG .. task.id, LOG_TTL_MS)
end

-- Removes a report from its stream in the step that applies or drops it.
local function take_off(stream, entry)
  redis.call('XACK', stream, HUBS_GROUP, entry)
  redis.call('XDEL', stream, entry)
end

-- Drops the oldest entries of a stream that a runner writes, until it has no more entries and bytes
-- than an honest runner leaves in it. Redis knows both without copying entries, whatever their size.
-- Returns a description if entries were dropped.
local function bound_stream(key, max_entries, max_bytes)
  local found = redis.call('XLEN', key)
  local kept = math.min(found, max_entries)
  for _ = 1, 64 do
    if kept < found then redis.call('XTRIM', key, 'MAXLEN', kept) end
    local bytes = redis.call('MEMORY', 'USAGE', key, 'SAMPLES', '0')
    if kept == 0 or bytes <= max_bytes then break end
    kept = math.floor(kept / 2)
  end
  if kept == found then return nil end
  return string.format('%s had %d entries, which is too much: kept the newest %d', key, found, kept)
end

-- Returns the size of an entry, and a description if that is more than an honest runner writes.
local function measure_entry(fields, max_bytes)
  local bytes = 0
  for _, text in ipairs(fields) do bytes = bytes + #text end
  if #fields <= 2 * MAX_ENTRY_FIELDS and bytes <= max_bytes then return bytes, nil end
  return bytes, string.format('%d bytes in %d fields', bytes, #fields / 2)
end

-- Records a report that has no effect.
local function late(task, report, reason)
  redis.call('XADD', LATE, 'MAXLEN', '~', MAX_LATE_REPORTS, '*', 'type', report.type, 'task', report.task,
    'host', report.host, 'reason', reason, 'report', report.json)
  if task then redis.call('HINCRBY', task.key, 'lateReports', 1) end
  return { 'late', reason }
end
