-- Fixes the number of shards of an account's month, once, and notes how many followers it has, once.
--
-- KEYS[1]  caps       the account's month
-- ARGV[1]  shards     what the month gets if it has none yet
-- ARGV[2]  followers  how many the account has, "unknown" when WeChat was asked and did not say, "" when it
--                     was not asked
-- ARGV[3]  keptUntil  end of the month's counters, milliseconds
--
-- Returns the number of shards
redis.call('HSETNX', KEYS[1], 'shards', ARGV[1])
if ARGV[2] ~= '' then redis.call('HSETNX', KEYS[1], 'followers', ARGV[2]) end
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
return tonumber(redis.call('HGET', KEYS[1], 'shards'))
