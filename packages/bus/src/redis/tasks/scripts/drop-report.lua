-- Removes a report that cannot be parsed from the stream.
--
-- KEYS[1] the stream of the report
-- ARGV    entry, host whose stream it is or empty, reason
-- Returns {'late', reason}
-- Events  none

require_types('')
take_off(KEYS[1], ARGV[1])
return late(nil, { type = '', task = '', host = ARGV[2], json = '' }, ARGV[3])
