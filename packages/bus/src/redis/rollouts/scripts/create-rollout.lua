-- Stores a new rollout, and removes the oldest settled ones that are too many.
--
-- KEYS[1] the rollout's hash
-- ARGV    id, `1` if tasks may be created or empty, rollout (JSON), then for each host its field and
--         its JSON
-- Returns 'created' | 'existing' | 'full'; nothing was stored unless it is 'created'

local id, starts, head = unpack(ARGV)
require_type(ROLLOUTS, 'zset')
require_type(OPEN, 'zset')
if redis.call('EXISTS', KEYS[1]) == 1 then return 'existing' end
if redis.call('ZCARD', OPEN) >= MAX_OPEN then return 'full' end

local time = redis.call('TIME')
redis.call('HSET', KEYS[1], 'rollout', head, 'version', '1', 'starts', starts)
for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('ZADD', OPEN, 1, id)
redis.call('ZADD', ROLLOUTS, string.format('%.0f', time[1] * 1000000 + time[2]), id)

local excess = redis.call('ZCARD', ROLLOUTS) - redis.call('ZCARD', OPEN) - MAX_ENDED
if excess > 0 then
  for _, oldest in ipairs(redis.call('ZRANGE', ROLLOUTS, 0, MAX_OPEN + excess - 1)) do
    if excess > 0 and not redis.call('ZSCORE', OPEN, oldest) then
      redis.call('UNLINK', ROLLOUT .. oldest)
      redis.call('ZREM', ROLLOUTS, oldest)
      excess = excess - 1
    end
  end
end
return 'created'
