-- Removes a report that cannot be parsed from the stream.
--
-- KEYS[1] the stream of reports
-- ARGV    entry, reason
-- Returns {'late', reason}
-- Events  none

require_types('')
take_off(ARGV[1])
return late(nil, { type = '', task = '', host = '', json = '' }, ARGV[2])
