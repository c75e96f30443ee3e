-- Makes a list of what was written: from here on campaigns may name it, and its chunks stay.
--
-- KEYS[1]  record  the list's record
-- KEYS[2]  people  its chunks, which go by themselves as long as this was not called
-- ARGV[1]  fields  JSON: the record as a hash
--
-- Returns "stored", or "gone" when the chunks were left alone for too long
if redis.call('EXISTS', KEYS[2]) == 0 then return 'gone' end
for field, value in pairs(cjson.decode(ARGV[1])) do redis.call('HSET', KEYS[1], field, value) end
redis.call('PERSIST', KEYS[2])
return 'stored'
