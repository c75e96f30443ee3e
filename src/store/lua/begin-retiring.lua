-- Begins the removal of a campaign: until it is done nobody takes its id. The first of three steps, each of
-- which may be repeated after a crash: this one, retire-campaign under the account's tag, forget-id. What
-- makes the campaign findable goes last, so that no part of it is ever left behind, and an id is free only
-- when nothing of its old campaign is there.
--
-- KEYS[1]  index      campaign ids by when they were created
-- KEYS[2]  retiring   campaigns that are being removed, each with its mark in the index
-- ARGV[1]  id         the campaign's id
-- ARGV[2]  claimedAt  its mark in the index when it was looked at, or ""
--
-- Returns "begun", or "changed" when the id is another campaign's by now
if (redis.call('ZSCORE', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 'changed' end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return 'begun'
