-- Creates a campaign's record unless it is there.
--
-- KEYS[1]  campaign   the campaign's record
-- KEYS[2]  open       campaigns of the account that have not ended
-- ARGV[1]  id         the campaign's id
-- ARGV[2]  createdAt  milliseconds
-- ARGV[3]  fields     JSON: the record as a hash
--
-- Returns "created" or "exists"
if redis.call('EXISTS', KEYS[1]) == 1 then return 'exists' end
for field, value in pairs(cjson.decode(ARGV[3])) do redis.call('HSET', KEYS[1], field, value) end
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
return 'created'
