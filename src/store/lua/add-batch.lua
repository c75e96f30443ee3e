-- Adds a batch to the ledger unless it is there.
--
-- KEYS[1]  campaign  the campaign's record
-- KEYS[2]  batch     the batch's record
-- KEYS[3]  open      open batches of the campaign
-- ARGV[1]  number    the batch's number
-- ARGV[2]  fields    JSON: the record as a hash
--
-- Returns "added", "exists" or "stopped" (the campaign is no longer preparing)
if redis.call('HGET', KEYS[1], 'state') ~= 'preparing' then return 'stopped' end
if redis.call('EXISTS', KEYS[2]) == 1 then return 'exists' end
for field, value in pairs(cjson.decode(ARGV[2])) do redis.call('HSET', KEYS[2], field, value) end
redis.call('SADD', KEYS[3], ARGV[1])
return 'added'
