-- Forgets the id of a campaign of which nothing is left: from here on it may be used again.
--
-- KEYS[1]  pointer    the account of this id
-- KEYS[2]  index      campaign ids by when they were created
-- KEYS[3]  retiring   campaigns that are being removed
-- KEYS[4]  told       what the feed has told last of each campaign
-- ARGV[1]  id         the campaign's id
-- ARGV[2]  claimedAt  its mark in the index when it was looked at, or ""
--
-- Returns "forgotten", or "done" when another worker has been quicker: the id may be a new campaign's
if redis.call('HGET', KEYS[3], ARGV[1]) ~= ARGV[2] then return 'done' end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
redis.call('HDEL', KEYS[4], ARGV[1])
return 'forgotten'
