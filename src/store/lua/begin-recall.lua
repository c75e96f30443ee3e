-- Takes the right to delete a message, or one article of it, at WeChat: one process at a time, and none once it is
-- done. A call whose outcome nobody has noted in its time is in doubt from then on.
--
-- KEYS[1]  batch    the batch's record
-- ARGV[1]  now      milliseconds
-- ARGV[2]  article  its number, 0 for all
-- ARGV[3]  till     until when the call may be under way, milliseconds
--
-- Returns {"go", 0}, {"doubt", 0} (go, but look first: a call may have been made), {"done", 0}, {"busy", until} or
-- {"gone", 0}
if redis.call('EXISTS', KEYS[1]) == 0 then return { 'gone', 0 } end
local now, json = tonumber(ARGV[1]), redis.call('HGET', KEYS[1], 'recalls')
local all = json and cjson.decode(json) or {}
local one = all[ARGV[2]] or {}
if one.at or all['0'] and all['0'].at then return { 'done', 0 } end
if one.askingUntil and now < one.askingUntil then return { 'busy', one.askingUntil } end
if one.askingUntil then one.inDoubt = true end
one.askingUntil = tonumber(ARGV[3])
all[ARGV[2]] = one
redis.call('HSET', KEYS[1], 'recalls', cjson.encode(all))
return { one.inDoubt and 'doubt' or 'go', 0 }
