-- Function for every script whose effect only the holder of a shard may have.
-- `lease-scripts.ts` puts it before such a script.

-- Returns true if a lease is in force.
-- key    name of the shard's lease
-- hub    id of its holder
-- epoch  its epoch, as text
local function holds_lease(key, hub, epoch)
  local stored = redis.call('HMGET', key, 'hub', 'epoch')
  return stored[1] == hub and stored[2] == epoch
end
