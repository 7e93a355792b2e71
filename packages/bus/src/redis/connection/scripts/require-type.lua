-- Function for scripts that write several keys. Called for each of them before the first write, it
-- makes a step be done as a whole or not at all.

local checked_types = {}

-- Fails if a key holds another type. A key that passed keeps its type until the script ends.
local function require_type(key, expected)
  if checked_types[key] == expected then return end
  local found = redis.call('TYPE', key).ok
  if found ~= 'none' and found ~= expected then
    error({ err = 'WRONGTYPE ' .. key .. ' is a ' .. found .. ' instead of a ' .. expected })
  end
  checked_types[key] = expected
end
