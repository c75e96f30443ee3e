-- WeChat has set its counts of calls to 0: the day begins anew for all but sends that may have gone out, of which it
-- keeps another count. Units that are held stay; a stop for want of calls (45009) ends.
--
-- KEYS[1]  quota    the day's units and calls
-- KEYS[2]  account  pause and trouble of the account
-- ARGV[1]  apis     JSON: those whose units go, sends not among them
-- ARGV[2]  sends    JSON: [name, holder] of units of sends that were clearly refused
--
-- Returns "cleared"
-- @include quota
local all, flat = 0, redis.call('HGETALL', KEYS[1])
for _, api in ipairs(cjson.decode(ARGV[1])) do
  local held, stem = tonumber(redis.call('HGET', KEYS[1], 'held:' .. api) or 0), 'unit:' .. api .. '/'
  -- So that a call that was under way gives back nothing that is not counted any more.
  for i = 1, #flat, 2 do
    if string.sub(flat[i], 1, #stem) == stem and flat[i + 1] == 'used' then redis.call('HDEL', KEYS[1], flat[i]) end
  end
  redis.call('HSET', KEYS[1], 'units:' .. api, held)
  redis.call('HDEL', KEYS[1], 'external:' .. api, 'spent:' .. api, 'limit:' .. api)
  all = all + held
end
for _, send in ipairs(cjson.decode(ARGV[2])) do giveUnit(KEYS[1], 'send', send[1], send[2]) end
redis.call('HDEL', KEYS[1], 'spent:send')
redis.call('HSET', KEYS[1], 'calls:all', all)
local block = redis.call('HMGET', KEYS[2], 'blockReason', 'blockTrouble')
if block[1] == 'daily-quota' and cjson.decode(block[2]).errcode == 45009 then
  redis.call('HDEL', KEYS[2], 'blockReason', 'blockUntil', 'blockTrouble')
end
return 'cleared'
