-- Function for scripts that write several keys. Called for each of them before the first write, it
-- makes a step be done as a whole or not at all.

-- Fails if a key holds another type.
local function require_type(key, expected)
  local found = redis.call('TYPE', key).ok
  if found ~= 'none' and found ~= expected then
    error({ err = 'WRONGTYPE ' .. key .. ' is a ' .. found .. ' instead of a ' .. expected })
  end
end
