-- Releases leases of a hub, so that others can hold the shards at once.
--
-- KEYS[1] the live hubs
-- ARGV    hub, shard …; without a shard, the hub stops: all that it holds
-- Returns nil
--
-- `lease-scripts.ts` puts the names of keys and the limits before this text.

local hub = ARGV[1]
local function release(shard)
  if redis.call('HGET', LEASE .. shard, 'hub') == hub then redis.call('DEL', LEASE .. shard) end
end

for i = 2, #ARGV do release(ARGV[i]) end
if #ARGV == 1 then
  redis.call('ZREM', HUBS, hub)
  for shard = 0, SHARDS - 1 do release(shard) end
end
return nil
