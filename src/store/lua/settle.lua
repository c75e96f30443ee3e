-- Writes a campaign's end, or its correction, if nothing has changed since it was added up.
--
-- KEYS[1]  campaign  the campaign's record
-- KEYS[2]  open      campaigns of the account that have not ended
-- ARGV[1]  id        the campaign's id
-- ARGV[2]  version   the version that was added up
-- ARGV[3]  state     its end state
-- ARGV[4]  closedAt  milliseconds
-- ARGV[5]  report    JSON
--
-- Returns "settled" or "changed"
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[2] then return 'changed' end
redis.call('HSET', KEYS[1], 'state', ARGV[3], 'closedAt', ARGV[4], 'report', ARGV[5])
redis.call('ZREM', KEYS[2], ARGV[1])
return 'settled'
