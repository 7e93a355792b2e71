-- Offers a dead or a postponed item now.
--
-- KEYS[1] the outbox
-- ARGV    id, text of the postponed item or empty
-- Returns 1; 0 if there is no such item, and nothing was changed

require_outbox()
local id, postponed = ARGV[1], ARGV[2]
local dead = redis.call('HGET', DEAD, id)
if dead and offer_again(dead) then
  -- Offering it has buried it again if the outbox is full.
  if redis.call('HGET', DEAD, id) == dead then redis.call('HDEL', DEAD, id) end
  return 1
end
if postponed ~= '' and redis.call('ZREM', LATER, postponed) == 1 then
  return offer_again(postponed) and 1 or 0
end
return 0
