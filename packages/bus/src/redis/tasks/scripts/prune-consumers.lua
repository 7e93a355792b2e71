-- Removes the consumers of hubs that are gone and have no pending reports.
--
-- KEYS[1] the stream of reports
-- ARGV    milliseconds since a consumer last asked for reports
-- Returns the number of removed consumers
-- Events  none

local removed = 0
if redis.call('TYPE', KEYS[1]).ok ~= 'stream' then return removed end
local consumers = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], HUBS_GROUP)
if consumers.err then
  if string.find(consumers.err, 'NOGROUP', 1, true) then return removed end
  error(consumers)
end
for _, flat in ipairs(consumers) do
  local consumer = {}
  for i = 1, #flat, 2 do consumer[flat[i]] = flat[i + 1] end
  if consumer.pending == 0 and consumer.idle > tonumber(ARGV[1]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], HUBS_GROUP, consumer.name)
    removed = removed + 1
  end
end
return removed
