#!lua
-- Changes the labels of one host in one step with respect to other writers. Announces it.
--
-- KEYS[1] the hash, host -> registration (JSON)
-- ARGV    host, changes (JSON object, null removes a key), registration to store if there is none
--         (JSON) or empty, most labels, channel
-- Returns the registration as it is stored now (JSON), `unregistered` or `too_many`

local ok, registration = pcall(cjson.decode, redis.call('HGET', KEYS[1], ARGV[1]) or '')
if not ok or type(registration) ~= 'table' then
  if ARGV[3] == '' then return 'unregistered' end
  registration = cjson.decode(ARGV[3])
end
local labels = type(registration.labels) == 'table' and registration.labels or {}
for key, value in pairs(cjson.decode(ARGV[2])) do
  if value == cjson.null then labels[key] = nil else labels[key] = value end
end
local count = 0
for _ in pairs(labels) do count = count + 1 end
if count > tonumber(ARGV[4]) then return 'too_many' end
registration.labels = labels
local json = cjson.encode(registration)
redis.call('HSET', KEYS[1], ARGV[1], json)
redis.call('PUBLISH', ARGV[5], '{"host":"' .. ARGV[1] .. '","registration":' .. json .. '}')
return json
