-- Claims a campaign's id for an account, for as long as the campaign is kept.
--
-- KEYS[1]  pointer    the account of this id
-- KEYS[2]  index      campaign ids by when they were created
-- KEYS[3]  retiring   campaigns that are being removed
-- ARGV[1]  id         the campaign's id
-- ARGV[2]  account    who claims it
-- ARGV[3]  createdAt  milliseconds
--
-- Returns the account that has it, or "" while what had it before is being removed
if redis.call('HEXISTS', KEYS[3], ARGV[1]) == 1 then return '' end
if redis.call('SET', KEYS[1], ARGV[2], 'NX') then redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1]) end
return redis.call('GET', KEYS[1])
