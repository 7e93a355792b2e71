-- Offers postponed items whose time has come, those that waited longest before others.
--
-- KEYS[1] the outbox
-- ARGV    items at most
-- Returns {number of offered items, texts that cannot be parsed and were dropped}

require_outbox()
local due = redis.call('ZRANGE', LATER, '-inf', string.format('%.0f', now_ms()), 'BYSCORE',
  'LIMIT', 0, ARGV[1])
local offered, dropped = 0, {}
for _, text in ipairs(due) do
  redis.call('ZREM', LATER, text)
  if offer_again(text) then offered = offered + 1 else dropped[#dropped + 1] = text end
end
return { offered, dropped }
