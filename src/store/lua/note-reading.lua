-- Notes something of a list whose people are being read; of one that has failed they are let go.
--
-- KEYS[1]  record  the list's record
-- KEYS[2]  people  its chunks
-- ARGV[1]  fields  JSON: what is to be set, as a hash
--
-- Returns "noted", or "gone" when it is not being read any more
if redis.call('HGET', KEYS[1], 'state') ~= 'reading' then return 'gone' end
for field, value in pairs(cjson.decode(ARGV[1])) do redis.call('HSET', KEYS[1], field, value) end
if redis.call('HGET', KEYS[1], 'state') == 'failed' then redis.call('UNLINK', KEYS[2]) end
return 'noted'
