-- Fixes the number of shards of an account's month, once.
--
-- KEYS[1]  caps       the account's month
-- ARGV[1]  shards     what the month gets if it has none yet
-- ARGV[2]  followers  how many the account has, or ""
-- ARGV[3]  keptUntil  end of the month's counters, milliseconds
--
-- Returns the number of shards
if redis.call('HSETNX', KEYS[1], 'shards', ARGV[1]) == 1 and ARGV[2] ~= '' then
  redis.call('HSET', KEYS[1], 'followers', ARGV[2])
end
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
return tonumber(redis.call('HGET', KEYS[1], 'shards'))
