-- Gives those batches of a campaign whose people are to be sent to again the id of the one campaign that does so;
-- each batch has one at most.
--
-- KEYS[1]  campaign  the campaign's record
-- KEYS[2]  log       the account's audit log
-- ARGV[1]  numbers   of the batches, JSON
-- ARGV[2]  stem      of the new campaign's id: what stands before its number
-- ARGV[3]  free      ids that do not count, JSON: of campaigns that turned out to be others, or that were never planned
-- ARGV[4]  entry     what is written to the log, JSON
--
-- Returns the new id, or "" when each of them has one already
-- @include audit
local is = redis.call('HMGET', KEYS[1], 'again', 'againBegun')
local again, begun = is[1] and cjson.decode(is[1]) or {}, is[2] and cjson.decode(is[2]) or {}
local free, unclaimed = {}, {}
for _, id in ipairs(cjson.decode(ARGV[3])) do free[id] = true; begun[id] = nil end
for _, number in ipairs(cjson.decode(ARGV[1])) do
  local name = string.format('%.0f', number)
  if not again[name] or free[again[name]] then table.insert(unclaimed, name) end
end
if #unclaimed == 0 then return '' end
local id = ARGV[2] .. redis.call('HINCRBY', KEYS[1], 'agains', 1)
for _, name in ipairs(unclaimed) do again[name] = id end
begun[id] = true
redis.call('HSET', KEYS[1], 'again', cjson.encode(again), 'againBegun', cjson.encode(begun))
local entry = cjson.decode(ARGV[4])
entry.details = { campaign = id, batches = #unclaimed }
audit(KEYS[2], cjson.encode(entry))
return id
