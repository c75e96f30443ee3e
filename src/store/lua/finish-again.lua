-- Notes that the campaign that sends to people of this one again has been made.
--
-- KEYS[1]  campaign  the campaign's record
-- ARGV[1]  id        of the new one
--
-- Returns "finished", or "gone" when there is nothing to note
local json = redis.call('HGET', KEYS[1], 'againBegun')
if not json then return 'gone' end
local begun = cjson.decode(json)
begun[ARGV[1]] = nil
if next(begun) then
  redis.call('HSET', KEYS[1], 'againBegun', cjson.encode(begun))
else
  redis.call('HDEL', KEYS[1], 'againBegun')
end
return 'finished'
