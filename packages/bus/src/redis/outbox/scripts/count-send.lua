-- Counts a message to a channel.
--
-- KEYS[1] the channel's counter
-- ARGV    length of a window in milliseconds
-- Returns the number of messages in the current window

local count = redis.call('INCR', KEYS[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count
