-- Takes an entry off the outbox.
--
-- KEYS[1] the outbox
-- ARGV    position of the entry
-- Returns 1 if it was there, else 0

return take_off(ARGV[1]) and 1 or 0
