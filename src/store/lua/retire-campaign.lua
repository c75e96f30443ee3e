-- Removes all that an account keeps of a campaign, if its retention is over and nothing has changed since it
-- was looked at. All in one step, so that nobody meets a half of it: a campaign of a million people has 310
-- keys, and UNLINK leaves the freeing of their memory to another thread.
--
-- KEYS[1]  campaign  the campaign's record
-- KEYS[2]  ended     campaigns of the account whose retention runs, by since when
-- KEYS[3]  open      campaigns of the account that have not ended, or have to be added up again
-- KEYS[4]  doubt     batches in doubt
-- KEYS[5]  review    batches under review, by since when they could own any msg_id
-- KEYS[6]  turn      who may send now
-- KEYS[7]  queue     who waits for the turn
-- KEYS[8]  due       messages of the account that are to be delivered
-- KEYS[9..]          its list and plan, its batches and all that belongs to one of them
-- ARGV[1]  id        the campaign's id
-- ARGV[2]  version   of the record that was looked at, "" when there was none
-- ARGV[3]  until     whose retention began later stays, milliseconds
-- ARGV[4]  batches   JSON: the ids of its batches
-- ARGV[5]  revision  of the report that was looked at, "" when there was none
--
-- Returns "removed" or "changed"
local version = redis.call('HGET', KEYS[1], 'version')
if (version or '') ~= ARGV[2] then return 'changed' end
if version then
  local endedAt = redis.call('ZSCORE', KEYS[2], ARGV[1])
  if not endedAt or tonumber(endedAt) > tonumber(ARGV[3]) then return 'changed' end
  if redis.call('ZSCORE', KEYS[3], ARGV[1]) then return 'changed' end
  if (redis.call('HGET', KEYS[1], 'revision') or '') ~= ARGV[5] then return 'changed' end
end
for _, batch in ipairs(cjson.decode(ARGV[4])) do
  for _, key in ipairs({ KEYS[4], KEYS[5], KEYS[7] }) do redis.call('ZREM', key, batch) end
end
redis.call('HDEL', KEYS[6], 'last:' .. ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
for revision = 1, tonumber(ARGV[5]) or 0 do redis.call('ZREM', KEYS[8], ARGV[1] .. '~' .. revision) end
for i = 9, #KEYS do redis.call('UNLINK', KEYS[i]) end
redis.call('UNLINK', KEYS[1])
return 'removed'
