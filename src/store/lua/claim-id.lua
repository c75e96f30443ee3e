-- Claims a campaign's id for an account, for as long as the campaign is kept. Whoever claims it anew, for what came
-- before was refused, begins that time anew.
--
-- KEYS[1]  pointer    the account of this id
-- KEYS[2]  index      campaign ids by when they were claimed last, which is when they were created
-- KEYS[3]  retiring   campaigns that are being removed
-- ARGV[1]  id         the campaign's id
-- ARGV[2]  account    who claims it
-- ARGV[3]  createdAt  milliseconds
--
-- Returns the account that has it, or "" while what had it before is being removed
if redis.call('HEXISTS', KEYS[3], ARGV[1]) == 1 then return '' end
redis.call('SET', KEYS[1], ARGV[2], 'NX')
local owner = redis.call('GET', KEYS[1])
if owner == ARGV[2] then redis.call('ZADD', KEYS[2], 'GT', ARGV[3], ARGV[1]) end
return owner
