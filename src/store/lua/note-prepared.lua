-- Notes what a campaign's content has become; of one that was sent in vain, that WeChat knows it no more.
--
-- KEYS[1]  campaign  the campaign's record
-- ARGV[1]  prepared  JSON, or "" when it is as before
-- ARGV[2]  spent     a media_id that WeChat does not know any more, or ""
--
-- Returns "noted" or "gone"
if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
if ARGV[1] ~= '' then redis.call('HSET', KEYS[1], 'prepared', ARGV[1]) end
if ARGV[2] ~= '' then
  local spent = cjson.decode(redis.call('HGET', KEYS[1], 'spent') or '[]')
  table.insert(spent, ARGV[2])
  redis.call('HSET', KEYS[1], 'spent', cjson.encode(spent))
end
redis.call('HINCRBY', KEYS[1], 'version', 1)
return 'noted'
