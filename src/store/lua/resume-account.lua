-- Lets an account's campaigns go on, and trouble of the account be tried again at once. Since when that lasts
-- stays, so that a campaign is given up in time.
--
-- KEYS[1]  account  pause and trouble of the account
-- ARGV[1]  now      milliseconds
--
-- Returns "active"
redis.call('HDEL', KEYS[1], 'paused')
if redis.call('HGET', KEYS[1], 'blockReason') == 'account' then redis.call('HSET', KEYS[1], 'blockUntil', ARGV[1]) end
return 'active'
