-- Lets an account's campaigns go on, and trouble of the account be tried again at once.
--
-- KEYS[1]  account  pause and trouble of the account
-- KEYS[2]  token    the account's access token
-- ARGV[1]  now      milliseconds
--
-- Returns "active"
-- @include try-again
redis.call('HDEL', KEYS[1], 'paused')
tryAccountAgain(KEYS[1], KEYS[2], ARGV[1])
return 'active'
