-- Stores the next version of a rollout.
--
-- KEYS[1] the rollout's hash
-- ARGV    the lease of its shard, hub (empty if no lease is needed), epoch, id, version, `1` if it is
--         settled or empty, `1` if tasks may be created or empty, rollout (JSON), then for each host
--         that changed its field and its JSON
-- Returns 'saved' | 'conflict' | 'not_held'; nothing was stored unless it is 'saved'

local lease, hub, epoch, id, version, settled, starts, head = unpack(ARGV, 1, 8)
if hub ~= '' and not holds_lease(lease, hub, epoch) then return 'not_held' end
require_type(KEYS[1], 'hash')
require_type(OPEN, 'zset')
local stored = redis.call('HGET', KEYS[1], 'version')
if not stored or tonumber(stored) ~= version - 1 then return 'conflict' end

redis.call('HSET', KEYS[1], 'rollout', head, 'version', version, 'starts', starts)
for i = 9, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
if settled == '' then
  redis.call('ZADD', OPEN, version, id)
else
  redis.call('ZREM', OPEN, id)
end
return 'saved'
