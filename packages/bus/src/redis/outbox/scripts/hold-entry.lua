-- Takes an entry off the outbox for a digest of its channel. If the channel holds too many, the
-- entry is only counted.
--
-- KEYS[1] the outbox
-- ARGV    position of the entry, item
-- Returns 1; 0 if the entry was taken off before, and nothing was changed

local item = item_at(2)
local list = HELD .. ':' .. item.channel
require_type(HELD, 'hash')
require_type(list, 'list')
if not take_off(ARGV[1]) then return 0 end
local is_full = redis.call('LLEN', list) >= MAX_HELD
redis.call('HINCRBY', HELD, item.channel, is_full and 1 or 0)
if not is_full then redis.call('RPUSH', list, text_of(item)) end
return 1
