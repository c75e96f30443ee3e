-- Writes the month of a campaign's plan into its record, once, before its first shard is admitted.
--
-- KEYS[1]  campaign  the campaign's record
-- ARGV[1]  month     2026-12
-- ARGV[2]  shards    of the account in that month
--
-- Returns {"noted", month, shards}, the first ones that were noted, or {"stopped", "", 0} (no longer preparing)
local is = redis.call('HMGET', KEYS[1], 'state', 'month', 'shards')
if is[1] ~= 'preparing' then return { 'stopped', '', 0 } end
if is[2] then return { 'noted', is[2], tonumber(is[3]) } end
redis.call('HSET', KEYS[1], 'month', ARGV[1], 'shards', ARGV[2])
return { 'noted', ARGV[1], tonumber(ARGV[2]) }
