-- Changes one record, such as a schedule.
--
-- KEYS[1] the records
-- ARGV    the lease of its shard, hub (empty if no lease is needed), epoch, name, text before or
--         empty, text after or empty
-- Returns 'changed' | 'conflict' | 'not_held' | 'full'; nothing was changed unless it is 'changed'

local lease, hub, epoch, name, before, after = unpack(ARGV)
if hub ~= '' and not holds_lease(lease, hub, epoch) then return 'not_held' end
require_type(VERSION, 'string')
if (redis.call('HGET', KEYS[1], name) or '') ~= before then return 'conflict' end
if before == '' and redis.call('HLEN', KEYS[1]) >= MAX_RECORDS then return 'full' end

if after == '' then
  redis.call('HDEL', KEYS[1], name)
else
  redis.call('HSET', KEYS[1], name, after)
end
redis.call('INCR', VERSION)
return 'changed'
