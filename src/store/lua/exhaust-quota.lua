-- WeChat says that an API's day is spent, whatever our own count says.
--
-- KEYS[1]  quota      the day's units and calls
-- ARGV[1]  api        what was called
-- ARGV[2]  dayEndsAt  milliseconds
--
-- Returns "spent"
redis.call('HSET', KEYS[1], 'spent:' .. ARGV[1], 1)
redis.call('PEXPIREAT', KEYS[1], ARGV[2] + 172800000)
return 'spent'
