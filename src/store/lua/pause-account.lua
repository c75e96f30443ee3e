-- Stops every campaign of an account before its next call.
--
-- KEYS[1]  account  pause and trouble of the account
-- KEYS[2]  log      the account's audit log
-- ARGV[1]  entry    what is written there, JSON, or ""
--
-- Returns "paused"
-- @include audit
redis.call('HSET', KEYS[1], 'paused', 'true')
audit(KEYS[2], ARGV[1])
return 'paused'
