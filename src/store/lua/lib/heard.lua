-- What WeChat says of a batch that a person has settled: counts and the like where it is the same, else it stands
-- beside the verdict.
local function hearAfterReview(campaign, batch, result)
  if result.by ~= 'callback' then return 'stale' end
  local is = redis.call('HMGET', batch, 'state', 'heard')
  if is[2] then
    redis.call('HINCRBY', batch, 'repeats', 1)
    return 'repeat'
  end
  redis.call('HSET', batch, 'heard', 1)
  if result.state == is[1] then
    for _, name in ipairs({ 'counts', 'originality', 'articleUrls' }) do
      if result[name] then redis.call('HSET', batch, name, result[name]) end
    end
  else
    local said = { state = result.state }
    for _, name in ipairs({ 'counts', 'trouble' }) do
      if result[name] then said[name] = cjson.decode(result[name]) end
    end
    redis.call('HSET', batch, 'contradiction', cjson.encode(said))
  end
  redis.call('HINCRBY', batch, 'version', 1)
  redis.call('HINCRBY', campaign, 'version', 1)
  return is[1]
end
