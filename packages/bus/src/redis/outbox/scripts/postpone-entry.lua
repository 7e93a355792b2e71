-- Takes an entry off the outbox until a later time. Buries it if too many are postponed.
--
-- KEYS[1] the outbox
-- ARGV    position of the entry, milliseconds until the next attempt, item
-- Returns 1; 0 if the entry was taken off before, and nothing was changed

require_outbox()
if not take_off(ARGV[1]) then return 0 end
local item = item_at(3)
if redis.call('ZCARD', LATER) >= MAX_ITEMS then
  bury(item)
else
  redis.call('ZADD', LATER, string.format('%.0f', now_ms() + ARGV[2]), text_of(item))
end
return 1
