-- Takes over reports that some hub read a while ago and did not apply, and deletes streams that
-- have become unused.
--
-- KEYS    streams of reports
-- ARGV    hub, milliseconds since a report was read, entries at most
-- Returns for each stream, until the answer is large: {empty, reasons and descriptions of what was
--         dropped, entries}
-- Events  none

local hub, idle_ms, left = ARGV[1], ARGV[2], tonumber(ARGV[3])
-- Later than any hub waits for the outcome of a report: a stream that starts over may use ids again.
local UNUSED_MS = 10000
-- More than a clock that was set back explains. Redis continues from the greatest id, so a stream
-- with an id of the far future would soon accept no entries.
local MAX_AHEAD_MS = 3600000

local function delete_if_unused(key)
  local info, last = redis.call('XINFO', 'STREAM', key), '0-0'
  for i = 1, #info, 2 do if info[i] == 'last-generated-id' then last = info[i + 1] end end
  local last_ms = tonumber(string.match(last, '^%d+'))
  local age_ms = NOW_MS - last_ms
  -- Without any entry so far, it was created for a hub that waits for the first one.
  if last_ms > 0 and (age_ms > UNUSED_MS or age_ms < -MAX_AHEAD_MS) then redis.call('DEL', key) end
end

local answer, size = {}, 0
for i, key in ipairs(KEYS) do
  if size >= MAX_ANSWER_BYTES or left == 0 then break end
  local dropped, kept = {}, {}
  if bound_reports(key, dropped) then
    if redis.call('XLEN', key) == 0 then
      delete_if_unused(key)
    else
      local reply = redis.pcall('XAUTOCLAIM', key, HUBS_GROUP, hub, idle_ms, '0-0', 'COUNT', left)
      if not is_group_missing(reply) then
        if reply.err then error(reply) end
        local bytes
        kept, bytes = keep_sound(key, reply[2], dropped)
        size = size + bytes
        left = left - #kept
      end
    end
  end
  answer[i] = { '', dropped, kept }
end
return answer
