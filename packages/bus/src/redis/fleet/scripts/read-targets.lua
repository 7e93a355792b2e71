-- Reads some fields of targets' hashes, or none to check their sizes. Looks at the size of a hash
-- before its values: an agent may store any field in its own.
--
-- KEYS    the hashes
-- ARGV    most fields of a hash, most bytes of a hash, bytes after which the reply ends, fields …
-- Returns for each key, but not for those after the end of the reply:
--   {0, value or nil …}, {1} for a key that is not a hash, {2, fields, bytes or 0} for a large one

local max_fields, max_bytes, budget = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local names = {}
for index = 4, #ARGV do names[#names + 1] = ARGV[index] end

local function read(key)
  local fields = redis.pcall('HLEN', key)
  if type(fields) == 'table' then
    if string.sub(fields.err, 1, 9) == 'WRONGTYPE' then return {1} end
    return nil, fields
  end
  if fields > max_fields then return {2, fields, 0} end
  -- Of all fields, as there are few.
  local bytes = redis.call('MEMORY', 'USAGE', key, 'SAMPLES', '0') or 0
  if bytes > max_bytes then return {2, fields, bytes} end
  if #names == 0 then return {0} end
  local values = redis.call('HMGET', key, unpack(names))
  for _, value in ipairs(values) do
    if value then budget = budget - #value end
  end
  return {0, unpack(values, 1, #names)}
end

local hashes = {}
for index, key in ipairs(KEYS) do
  if budget < 0 then break end
  local hash, failure = read(key)
  if failure then return failure end
  hashes[index] = hash
end
return hashes
