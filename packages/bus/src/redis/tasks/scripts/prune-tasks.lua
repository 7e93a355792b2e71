-- Removes ended tasks over either limit with their logs, those that ended first before others.
--
-- KEYS[1] the sorted set of ended tasks
-- ARGV    tasks to keep, greatest age in milliseconds, tasks to remove at most
-- Returns the number of removed tasks
-- Events  none

local max_ended, max_age_ms, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local oldest_us = string.format('%.0f', NOW_US - max_age_ms * 1000)
local too_many = redis.call('ZCARD', KEYS[1]) - max_ended
local too_old = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. oldest_us)
local count = math.min(math.max(too_many, too_old), most)
if count <= 0 then return 0 end
local ids = redis.call('ZRANGE', KEYS[1], 0, count - 1)
for _, id in ipairs(ids) do
  redis.call('UNLINK', TASK .. id, LOG .. id)
  redis.call('ZREM', TASKS, id)
  redis.call('ZREM', KEYS[1], id)
end
return #ids
