-- Reads a part of a task's log. Entries that are too large are deleted here, so that no hub takes
-- them into memory.
--
-- KEYS[1] the log
-- ARGV    XRANGE or XREVRANGE, the two ends of the range, entries at most, bytes at most (one entry
--         is always returned)
-- Returns {1 if there may be more or 0, reasons and descriptions of what was dropped, entries}
-- Events  none

local log, command, from, to, most, max_bytes = KEYS[1], unpack(ARGV)
local found = redis.call('TYPE', log).ok
if found == 'none' then return { 0, {}, {} } end
if found ~= 'stream' then return { 0, { 'wrong_shape', log .. ' is a ' .. found .. ' instead of a stream' }, {} } end

local dropped, kept, size = {}, {}, 0
local function note(detail)
  dropped[#dropped + 1] = 'oversized'
  dropped[#dropped + 1] = detail
end
local problem = bound_stream(log, MAX_KEPT_LOG_ENTRIES, MAX_LOG_BYTES)
if problem then note(problem) end
local entries = redis.call(command, log, from, to, 'COUNT', most)
for _, entry in ipairs(entries) do
  local bytes, too_large = measure_entry(entry[2], MAX_LOG_FIELDS_BYTES)
  if too_large then
    redis.call('XDEL', log, entry[1])
    note(log .. ' ' .. entry[1] .. ': ' .. too_large)
  elseif #kept > 0 and size + bytes > tonumber(max_bytes) then
    return { 1, dropped, kept }
  else
    kept[#kept + 1] = entry
    size = size + bytes
  end
end
return { #entries >= tonumber(most) and 1 or 0, dropped, kept }
