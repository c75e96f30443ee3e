-- Stops every campaign of an account before its next call.
--
-- KEYS[1]  account  pause and trouble of the account
--
-- Returns "paused"
redis.call('HSET', KEYS[1], 'paused', 'true')
return 'paused'
