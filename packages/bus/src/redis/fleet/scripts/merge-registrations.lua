-- Merges registrations into the stored ones as `mergeRegistration` does, each host in one step with
-- respect to other writers. Fields that the hub does not know are kept. A stored value that is not a
-- JSON object is replaced. A quarantine is stored only for a host of which nothing is, as Redis lost
-- it: else it may have ended.
--
-- KEYS[1] the hash, host -> registration (JSON)
-- ARGV    host, registration (JSON), host, registration …
-- Returns the number of hosts written

local function known(value) return value ~= nil and value ~= cjson.null end
local function pick(choose, a, b)
  if known(a) and known(b) then return choose(a, b) end
  if known(a) then return a end
  if known(b) then return b end
  return cjson.null
end
for i = 1, #ARGV, 2 do
  local given = cjson.decode(ARGV[i + 1])
  local merged = {}
  local text = redis.call('HGET', KEYS[1], ARGV[i])
  if text then
    local ok, stored = pcall(cjson.decode, text)
    if ok and type(stored) == 'table' then merged = stored end
  else
    merged.quarantine = given.quarantine
  end
  if not known(merged.label) then merged.label = given.label end
  if not known(merged.labels) then merged.labels = given.labels end
  local ok, first = pcall(pick, math.min, merged.firstSeenAtMs, given.firstSeenAtMs)
  merged.firstSeenAtMs = ok and first or given.firstSeenAtMs
  local ok, last = pcall(pick, math.max, merged.lastSeenAtMs, given.lastSeenAtMs)
  merged.lastSeenAtMs = ok and last or given.lastSeenAtMs
  merged.status = given.status
  redis.call('HSET', KEYS[1], ARGV[i], cjson.encode(merged))
end
return #ARGV / 2
