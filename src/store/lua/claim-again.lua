-- Gives those batches of a campaign whose people are to be sent to again the id of the one campaign that does so;
-- each batch has one at most.
--
-- KEYS[1]  campaign  the campaign's record
-- KEYS[2]  log       the account's audit log
-- ARGV[1]  numbers   of the batches, JSON
-- ARGV[2]  stem      of the new campaign's id: what stands before its number
-- ARGV[3]  entry     what is written to the log, JSON
--
-- Returns the new id, or "" when each of them has one already
-- @include audit
local json = redis.call('HGET', KEYS[1], 'again')
local again, free = json and cjson.decode(json) or {}, {}
for _, number in ipairs(cjson.decode(ARGV[1])) do
  local name = string.format('%.0f', number)
  if not again[name] then table.insert(free, name) end
end
if #free == 0 then return '' end
local id = ARGV[2] .. redis.call('HINCRBY', KEYS[1], 'agains', 1)
for _, name in ipairs(free) do again[name] = id end
redis.call('HSET', KEYS[1], 'again', cjson.encode(again))
local begun = redis.call('HGET', KEYS[1], 'againBegun')
begun = begun and cjson.decode(begun) or {}
begun[id] = true
redis.call('HSET', KEYS[1], 'againBegun', cjson.encode(begun))
local entry = cjson.decode(ARGV[3])
entry.details = { campaign = id, batches = #free }
audit(KEYS[2], cjson.encode(entry))
return id
