-- Stores what became of the groups of a shard, and puts their notifications into the outbox.
--
-- KEYS[1] the shard's groups
-- ARGV    the shard's lease, hub, epoch, list of inputs, number of inputs that were taken, number of
--         groups, for each its name and its JSON or empty, then items of the outbox
-- Returns 1; 0 if the lease is not in force, and nothing was changed

local inputs, taken, groups = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
if not holds_lease(ARGV[1], ARGV[2], ARGV[3]) then return 0 end
require_type(KEYS[1], 'hash')
require_type(inputs, 'list')
require_outbox()
if taken > 0 then redis.call('LTRIM', inputs, taken, -1) end
local first_item = 7 + 2 * groups
for i = 7, first_item - 1, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[1], ARGV[i])
  else
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
for i = first_item, #ARGV, ITEM_SIZE do offer(item_at(i)) end
return 1
