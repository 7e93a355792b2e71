-- Marks a host as quarantined in its registration, and announces it. A quarantine that is stored
-- stays as it is.
--
-- KEYS[1] the hash, host -> registration (JSON)
-- ARGV    host, quarantine (JSON), registration to store if there is none (JSON), channel
-- Returns {1, registration} if it was not quarantined, else {0, registration}; both JSON

local text = redis.call('HGET', KEYS[1], ARGV[1])
local ok, registration = pcall(cjson.decode, text or ARGV[3])
if not ok or type(registration) ~= 'table' then registration = cjson.decode(ARGV[3]) end
if type(registration.quarantine) == 'table' then return {0, text} end
registration.quarantine = cjson.decode(ARGV[2])
local json = cjson.encode(registration)
redis.call('HSET', KEYS[1], ARGV[1], json)
redis.call('PUBLISH', ARGV[4], '{"host":"' .. ARGV[1] .. '","registration":' .. json .. '}')
return {1, json}
