-- Stores the people of one hash shard that a campaign may reach, once.
--
-- KEYS[1]  campaign  the campaign's record
-- KEYS[2]  plan      the campaign's plan
-- ARGV[1]  shard     its number
-- ARGV[2]  admitted  compressed OpenIDs
-- ARGV[3]  tally     JSON: admitted, duplicate
--
-- Returns "stored", "done" (before a crash) or "stopped" (the campaign is no longer preparing)
if redis.call('HGET', KEYS[1], 'state') ~= 'preparing' then return 'stopped' end
if redis.call('HSETNX', KEYS[2], 'tally:' .. ARGV[1], ARGV[3]) == 0 then return 'done' end
redis.call('HSET', KEYS[2], 'admitted:' .. ARGV[1], ARGV[2])
return 'stored'
