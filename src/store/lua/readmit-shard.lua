-- Admits the people of one batch and one hash shard again, in a later month, once.
--
-- KEYS[1]  batch        the batch's record
-- KEYS[2]  readmission  who of the batch is admitted again
-- KEYS[3]  caps         the account's month
-- KEYS[4]  shard        counters of this shard
-- ARGV[1]  number       the shard's
-- ARGV[2]  from         the month of the batch's reservations
-- ARGV[3]  month        the later one
-- ARGV[4]  version      of the counters that were read
-- ARGV[5]  base         messages to everybody that were counted with
-- ARGV[6]  people       the packed counters
-- ARGV[7]  keptUntil    of the counters, milliseconds
-- ARGV[8]  admitted     compressed OpenIDs
--
-- Returns "stored", "done" (before a crash), "conflict" (read again), "elsewhere" (begun in another month)
-- or "moved" (the batch is not what it was)
-- @include cap
local is = redis.call('HMGET', KEYS[1], 'state', 'month', 'doubtSince')
if is[1] ~= 'planned' or is[2] ~= ARGV[2] or is[3] then return 'moved' end
local begun = redis.call('HGET', KEYS[2], 'month')
if begun and begun ~= ARGV[3] then return 'elsewhere' end
if redis.call('HEXISTS', KEYS[2], 'shard:' .. ARGV[1]) == 1 then return 'done' end
if (redis.call('HGET', KEYS[3], 'base') or '0') ~= ARGV[5] then return 'conflict' end
if not writeCapShard(KEYS[4], ARGV[4], ARGV[6], ARGV[7]) then return 'conflict' end
redis.call('HSET', KEYS[2], 'month', ARGV[3], 'shard:' .. ARGV[1], ARGV[8])
return 'stored'
