-- Finds a command that the task scripts run and this user may not. Redis checks each command of a
-- script when it is reached, which can be in the middle of a step.
--
-- KEYS    none
-- ARGV    none
-- Returns the first command that is not allowed, with its key; nil if all are
-- Events  none

local task, host = 'check-access', 'check-access'
local commands = {
  { 'HMGET', TASK .. task, 'f' }, { 'HSET', TASK .. task, 'f', 'v' }, { 'HDEL', TASK .. task, 'f' },
  { 'HINCRBY', TASK .. task, 'f', '1' }, { 'UNLINK', TASK .. task, LOG .. task },
  { 'EXISTS', TASK .. task },
  { 'GETRANGE', PRESENCE .. host, '0', '1' }, { 'EXISTS', PRESENCE .. host }, { 'TYPE', PRESENCE .. host },
  { 'SET', CONFLICT .. host, 'v', 'PX', '1' }, { 'PEXPIRE', LOG .. task, '1' },
  { 'TYPE', LOG .. task }, { 'XLEN', LOG .. task }, { 'MEMORY', 'USAGE', LOG .. task },
  { 'XTRIM', LOG .. task, 'MAXLEN', '1' }, { 'XDEL', LOG .. task, '1-1' },
  { 'XRANGE', LOG .. task, '-', '+' }, { 'XREVRANGE', LOG .. task, '+', '-' },
  { 'GET', IDEMPOTENCY .. 'k' }, { 'SET', IDEMPOTENCY .. 'k', 'v', 'PX', '1' },
  { 'SCARD', QUEUED .. host }, { 'SADD', QUEUED .. host, 'm' }, { 'SREM', QUEUED .. host, 'm' },
  { 'XADD', EVENTS, '*', 'f', 'v' }, { 'XADD', LATE, '*', 'f', 'v' },
}
for _, key in ipairs(external_keys(host, 'check-access')) do
  commands[#commands + 1] = { 'SCARD', key }
  commands[#commands + 1] = { 'SADD', key, 'm' }
  commands[#commands + 1] = { 'SREM', key, 'm' }
  commands[#commands + 1] = { 'TYPE', key }
end
for _, key in ipairs({ REPORTS, REPORTS .. ':' .. host }) do
  for _, command in ipairs({
    { 'XLEN', key }, { 'MEMORY', 'USAGE', key }, { 'XTRIM', key, 'MAXLEN', '1' }, { 'TYPE', key },
    { 'XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', key, '>' }, { 'XACK', key, 'g', '1-1' },
    { 'XDEL', key, '1-1' }, { 'XAUTOCLAIM', key, 'g', 'c', '1', '0-0' }, { 'DEL', key },
    { 'XINFO', 'STREAM', key }, { 'XGROUP', 'CREATE', key, 'g', '0' },
  }) do
    commands[#commands + 1] = command
  end
end
for _, key in ipairs({ TASKS, OPEN, ENDED }) do
  commands[#commands + 1] = { 'ZADD', key, '1', 'm' }
  commands[#commands + 1] = { 'ZREM', key, 'm' }
end
commands[#commands + 1] = { 'ZCARD', ENDED }
commands[#commands + 1] = { 'ZCOUNT', ENDED, '0', '1' }
commands[#commands + 1] = { 'ZRANGE', ENDED, '0', '1' }
for _, key in ipairs({ QUEUE .. host, CONTROL .. host }) do
  commands[#commands + 1] = { 'XADD', key, '*', 'f', 'v' }
  commands[#commands + 1] = { 'XGROUP', 'CREATE', key, 'g', '0', 'MKSTREAM' }
end
commands[#commands + 1] = { 'XACK', QUEUE .. host, 'g', '1-1' }
commands[#commands + 1] = { 'XDEL', QUEUE .. host, '1-1' }
local typed = { TASK .. task, EVENTS, LATE, TASKS, OPEN, ENDED,
  QUEUE .. host, CONTROL .. host, QUEUED .. host }
for _, key in ipairs(typed) do
  commands[#commands + 1] = { 'TYPE', key }
end
for _, command in ipairs(commands) do
  if not redis.acl_check_cmd(unpack(command)) then return command[1] .. ' ' .. command[2] end
end
return nil
