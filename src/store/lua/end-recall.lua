-- Notes what became of deleting a message, or one article of it, at WeChat.
--
-- KEYS[1]  batch    the batch's record
-- ARGV[1]  now      milliseconds
-- ARGV[2]  article  its number, 0 for all
-- ARGV[3]  word     "done", "doubt", "refused", or "free": no call was made, or it had no effect
-- ARGV[4]  trouble  JSON: what WeChat said of a refused one, else ""
--
-- Returns "noted" or "gone"
local json = redis.call('HGET', KEYS[1], 'recalls')
local all = json and cjson.decode(json) or {}
local one = all[ARGV[2]]
if not one then return 'gone' end
one.askingUntil = nil
if ARGV[3] == 'done' then
  one.at, one.inDoubt, one.trouble = one.at or tonumber(ARGV[1]), nil, nil
elseif ARGV[3] == 'doubt' then
  one.inDoubt = true
elseif ARGV[3] == 'refused' then
  one.inDoubt, one.trouble = nil, cjson.decode(ARGV[4])
end
redis.call('HSET', KEYS[1], 'recalls', cjson.encode(all))
return 'noted'
