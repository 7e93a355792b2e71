-- Creates the streams of a runner that serves its host, or records one that was rejected.
--
-- KEYS[1] the stream of the report
-- ARGV    entry, report (JSON, cut), host, instance
-- Returns {'applied'} | {'late', reason}
-- Events  none

local entry, json, host, instance = unpack(ARGV)
local report = { type = 'hello', task = '', host = host, json = json }
local serving = serving_instance(host)
require_types(host)
take_off(KEYS[1], entry)
if serving == instance then
  make_groups(host)
  return { 'applied' }
end
if serving == '' then return late(nil, report, 'no runner is present on this host') end
flag_conflict(host, instance)
return late(nil, report, 'another runner serves this host')
