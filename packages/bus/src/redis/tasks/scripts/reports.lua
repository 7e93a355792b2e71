-- Functions that the scripts share which read reports. No hub gets an entry into memory before they
-- have looked at its size.

-- Adds the reason why something was dropped, and its description.
local function note(dropped, reason, detail)
  dropped[#dropped + 1] = reason
  dropped[#dropped + 1] = detail
end

-- Bounds a stream of reports. Returns false if there is none.
local function bound_reports(key, dropped)
  local found = redis.call('TYPE', key).ok
  if found == 'none' then return false end
  if found ~= 'stream' then
    note(dropped, 'wrong_shape', key .. ' is a ' .. found .. ' instead of a stream')
    return false
  end
  local problem
  if key == REPORTS then
    problem = bound_stream(key, MAX_KEPT_SHARED_REPORTS, MAX_SHARED_REPORTS_BYTES)
  else
    problem = bound_stream(key, MAX_KEPT_REPORTS, MAX_REPORTS_BYTES)
  end
  if problem then note(dropped, 'oversized', problem) end
  return true
end

-- Drops reports that are too large, and those that were trimmed before they were applied, which
-- their runners send again. Returns the others, and their size in bytes.
local function keep_sound(key, entries, dropped)
  local kept, total = {}, 0
  for _, entry in ipairs(entries) do
    local id, fields = entry[1], entry[2]
    if not fields then
      redis.call('XACK', key, HUBS_GROUP, id)
    else
      local bytes, problem = measure_entry(fields, MAX_REPORT_BYTES)
      if problem then
        take_off(key, id)
        note(dropped, 'oversized', key .. ' ' .. id .. ': ' .. problem)
      else
        kept[#kept + 1] = entry
        total = total + bytes
      end
    end
  end
  return kept, total
end

local function is_group_missing(reply)
  return type(reply) == 'table' and reply.err and string.find(reply.err, 'NOGROUP', 1, true)
end
