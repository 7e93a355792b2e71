-- Takes over entries that some hub took a while ago and did not take off, and forgets consumers of
-- hubs that are gone.
--
-- KEYS[1] the outbox
-- ARGV    hub, milliseconds since an entry was taken, entries at most, milliseconds since a consumer
--         without entries has read
-- Returns entries

local hub, idle_ms, most, unused_ms = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local entries, position = {}, '0-0'
repeat
  local reply = redis.pcall('XAUTOCLAIM', OUTBOX, HUBS_GROUP, hub, idle_ms, position,
    'COUNT', most - #entries)
  if reply.err then
    if string.find(reply.err, 'NOGROUP', 1, true) then return {} end
    error(reply)
  end
  position = reply[1]
  for _, entry in ipairs(reply[2]) do entries[#entries + 1] = entry end
until position == '0-0' or #entries >= most

-- A hub that reads again is a consumer again.
for _, flat in ipairs(redis.call('XINFO', 'CONSUMERS', OUTBOX, HUBS_GROUP)) do
  local consumer = {}
  for i = 1, #flat, 2 do consumer[flat[i]] = flat[i + 1] end
  if consumer.pending == 0 and consumer.idle >= unused_ms then
    redis.call('XGROUP', 'DELCONSUMER', OUTBOX, HUBS_GROUP, consumer.name)
  end
end
return entries
