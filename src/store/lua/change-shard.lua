-- Changes the counters of one hash shard, once for each mark: reservations given back, sends booked.
--
-- KEYS[1]  marks      a hash that remembers what was done: a campaign's plan, or a booking
-- KEYS[2]  shard      counters of this shard
-- ARGV[1]  mark       the field that remembers this change
-- ARGV[2]  version    of the counters that were read
-- ARGV[3]  people     the packed counters
-- ARGV[4]  keptUntil  of the counters, milliseconds
--
-- Returns "changed", "done" (before, or what remembers it is past its retention) or "conflict" (read again)
-- @include cap
if redis.call('EXISTS', KEYS[1]) == 0 then return 'done' end
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 'done' end
if not writeCapShard(KEYS[2], ARGV[2], ARGV[3], ARGV[4]) then return 'conflict' end
redis.call('HSET', KEYS[1], ARGV[1], 1)
return 'changed'
