-- Lets an account's campaigns go on, and trouble of the account be tried again at once.
--
-- KEYS[1]  account  pause and trouble of the account
-- KEYS[2]  token    the account's access token
-- KEYS[3]  log      the account's audit log
-- ARGV[1]  now      milliseconds
-- ARGV[2]  entry    what is written to the log, JSON, or ""
--
-- Returns "active"
-- @include try-again
-- @include audit
redis.call('HDEL', KEYS[1], 'paused')
tryAccountAgain(KEYS[1], KEYS[2], ARGV[1])
audit(KEYS[3], ARGV[2])
return 'active'
