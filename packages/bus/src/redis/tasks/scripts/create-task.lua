-- Creates a task and offers it to its host.
--
-- KEYS[1] the task's hash
-- KEYS[2] the idempotency key; the task's hash again if there is none
-- ARGV    id, host, action, params (JSON), `1` for an external task or empty, offered params
--         (JSON), sealed params or empty, sealed secrets (JSON) or empty, hash of the body (empty
--         without an idempotency key), limit of the host's queued tasks; for an external task its
--         owner or empty, and the limits of open ones of its host and of its owner; its creator or
--         empty; `1` for a dry run or empty; its rollout or empty; its trace context or empty
-- Returns {'created', creation in ms} | {'existing', id} | {'key_reused', id}
--         | {'queue_full', queued} | {'too_many_external', 'host' or 'owner', open} | {'not_wanted'}
-- Events  `created`, version 1, with all fields of the task; an entry of the host's queue unless
--         the task is external
--
-- An id that exists means that the same call was repeated because its answer was lost.

-- Returns true if a rollout begins tasks, and waits for this one.
local function is_wanted(rollout, host, id)
  local starts, stored = unpack(redis.call('HMGET', ROLLOUT .. rollout, 'starts', 'host:' .. host))
  if starts ~= '1' or not stored then return false end
  local entry = cjson.decode(stored)
  return entry.taskId == id and entry.status == 'queued' or entry.checkId == id and entry.status == 'checking'
end

local id, host, action, params, external, offered, sealed, sealed_secrets, body_hash, max_queued, owner,
  max_of_host, max_of_owner, creator, check, rollout, traceparent = unpack(ARGV)
local counted = external ~= '' and external_keys(host, owner) or {}
require_types(host, counted)
if body_hash ~= '' then
  local made = redis.call('GET', KEYS[2])
  if made then
    local same = string.sub(made, #id + 2) == body_hash
    return { same and 'existing' or 'key_reused', string.sub(made, 1, #id) }
  end
end
if redis.call('EXISTS', KEYS[1]) == 1 then return { 'existing', id } end
if rollout ~= '' and not is_wanted(rollout, host, id) then return { 'not_wanted' } end
local queued = redis.call('SCARD', QUEUED .. host)
if external == '' and queued >= tonumber(max_queued) then return { 'queue_full', queued } end
for i, key in ipairs(counted) do
  local open = redis.call('SCARD', key)
  if open >= tonumber(i == 1 and max_of_host or max_of_owner) then
    return { 'too_many_external', i == 1 and 'host' or 'owner', open }
  end
end

if body_hash ~= '' then
  redis.call('SET', KEYS[2], id .. ' ' .. body_hash, 'PX', IDEMPOTENCY_TTL_MS)
end
local shown = { 'action', action, 'params', params, 'attempt', '0', 'createdAtMs', NOW_MS, 'logLines', '0' }
if external ~= '' then
  shown[#shown + 1] = 'external'
  shown[#shown + 1] = external
end
for field, value in pairs({ createdBy = creator, check = check, rollout = rollout, traceparent = traceparent }) do
  if value ~= '' then
    shown[#shown + 1] = field
    shown[#shown + 1] = value
  end
end
redis.call('HSET', KEYS[1], 'id', id, 'version', '1', 'status', 'queued', 'host', host, unpack(shown))
redis.call('ZADD', TASKS, NOW_US, id)
redis.call('ZADD', OPEN, NOW_US, id)
if external ~= '' then
  redis.call('HSET', KEYS[1], 'owner', owner, 'updatedAtMs', NOW_MS)
  for _, key in ipairs(counted) do redis.call('SADD', key, id) end
else
  redis.call('SADD', QUEUED .. host, id)
  make_groups(host)
  local offered_action = check ~= '' and DRY_RUN_PREFIX .. action or action
  local offer = { 'task', id, 'action', offered_action, 'params', offered }
  if sealed ~= '' then
    offer[#offer + 1] = 'sealedParams'
    offer[#offer + 1] = sealed
  end
  if sealed_secrets ~= '' then
    offer[#offer + 1] = 'sealedSecrets'
    offer[#offer + 1] = sealed_secrets
  end
  if traceparent ~= '' then
    offer[#offer + 1] = 'traceparent'
    offer[#offer + 1] = traceparent
  end
  redis.call('HSET', KEYS[1], 'queueEntry', redis.call('XADD', QUEUE .. host, '*', unpack(offer)))
end
redis.call('XADD', EVENTS, 'MAXLEN', '~', MAX_EVENTS, '*', 'task', id, 'kind', 'created', 'version', '1',
  'host', host, 'status', 'queued', unpack(shown))
return { 'created', NOW_MS }
