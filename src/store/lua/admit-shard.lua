-- Admits the people of one hash shard for a campaign, once: their counters and who they are, in one step.
--
-- KEYS[1]  campaign   the campaign's record
-- KEYS[2]  plan       the campaign's plan
-- KEYS[3]  caps       the account's month
-- KEYS[4]  shard      counters of this shard
-- ARGV[1]  number     the shard's
-- ARGV[2]  version    of the counters that were read
-- ARGV[3]  base       messages to everybody that were counted with
-- ARGV[4]  people     the packed counters
-- ARGV[5]  keptUntil  of the counters, milliseconds
-- ARGV[6]  admitted   compressed OpenIDs
-- ARGV[7]  capped     compressed OpenIDs
-- ARGV[8]  excluded   compressed OpenIDs
-- ARGV[9]  tally      JSON: admitted, capped, excluded, duplicate
--
-- Returns "stored", "done" (before a crash), "conflict" (read again) or "stopped" (no longer preparing)
-- @include cap
if redis.call('HGET', KEYS[1], 'state') ~= 'preparing' then return 'stopped' end
if redis.call('HEXISTS', KEYS[2], 'tally:' .. ARGV[1]) == 1 then return 'done' end
if (redis.call('HGET', KEYS[3], 'base') or '0') ~= ARGV[3] then return 'conflict' end
if not writeCapShard(KEYS[4], ARGV[2], ARGV[4], ARGV[5]) then return 'conflict' end
redis.call('HSET', KEYS[2], 'tally:' .. ARGV[1], ARGV[9], 'admitted:' .. ARGV[1], ARGV[6],
  'capped:' .. ARGV[1], ARGV[7], 'excluded:' .. ARGV[1], ARGV[8])
return 'stored'
