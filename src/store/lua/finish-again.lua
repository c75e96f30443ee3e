-- Notes that the campaign that sends to people of this one again has been made; or that it has sent to nobody, and is
-- gone: then its batches may be sent again by another.
--
-- KEYS[1]  campaign  the campaign's record
-- ARGV[1]  id        of the new one
-- ARGV[2]  unsent    "1" when it ended before anybody was planned in it
--
-- Returns "finished", or "gone" when there is nothing to note
local is = redis.call('HMGET', KEYS[1], 'again', 'againBegun')
if not is[1] then return 'gone' end
if ARGV[2] == '1' then
  local again = cjson.decode(is[1])
  for number, id in pairs(again) do
    if id == ARGV[1] then again[number] = nil end
  end
  redis.call('HSET', KEYS[1], 'again', cjson.encode(again))
end
if not is[2] then return 'finished' end
local begun = cjson.decode(is[2])
begun[ARGV[1]] = nil
redis.call('HSET', KEYS[1], 'againBegun', cjson.encode(begun))
return 'finished'
