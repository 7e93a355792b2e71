-- Replaces the oldest held items of a channel by a digest.
--
-- KEYS[1] the outbox
-- ARGV    number of items, id of the first one, dropped items that the digest mentions, digest
-- Returns 1; 0 if the list does not begin with this item any more, and nothing was changed

local count, first, dropped, digest = tonumber(ARGV[1]), ARGV[2], ARGV[3], item_at(4)
local list, start = HELD .. ':' .. digest.channel, '{"id":"' .. first .. '",'
require_outbox()
require_type(HELD, 'hash')
require_type(list, 'list')
local head = redis.call('LINDEX', list, 0)
if not head or string.sub(head, 1, #start) ~= start or redis.call('LLEN', list) < count then return 0 end
redis.call('LTRIM', list, count, -1)
local left = redis.call('HINCRBY', HELD, digest.channel, 0 - dropped)
if left <= 0 and redis.call('LLEN', list) == 0 then redis.call('HDEL', HELD, digest.channel) end
offer(digest)
return 1
