-- Creates a campaign's record unless it is there, and gives the campaign what this attempt to take it in has put away:
-- so the people of a record are always those of the body that it was made of, however many attempt it at once.
--
-- KEYS[1]  campaign   the campaign's record
-- KEYS[2]  open       campaigns of the account that have not ended
-- KEYS[3..]           in pairs: what was put away, and where it belongs
-- ARGV[1]  id         the campaign's id
-- ARGV[2]  createdAt  milliseconds
-- ARGV[3]  fields     JSON: the record as a hash
-- ARGV[4]  attempt    the name of this attempt, which stands in the record
--
-- Returns "created", "exists", or "lost" when what was put away was left alone for too long
if redis.call('EXISTS', KEYS[1]) == 1 then
  -- The same command once more: its answer was lost, and the client has sent it again.
  return redis.call('HGET', KEYS[1], 'attempt') == ARGV[4] and 'created' or 'exists'
end
for i = 3, #KEYS - 1, 2 do
  if redis.call('EXISTS', KEYS[i]) == 0 then return 'lost' end
end
for i = 3, #KEYS - 1, 2 do
  redis.call('RENAME', KEYS[i], KEYS[i + 1])
  redis.call('PERSIST', KEYS[i + 1])
end
for field, value in pairs(cjson.decode(ARGV[3])) do redis.call('HSET', KEYS[1], field, value) end
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
return 'created'
