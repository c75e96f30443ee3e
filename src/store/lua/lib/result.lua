-- Applies a result of WeChat's (JSON: state, by, total, counts?, trouble?, originality?, articleUrls?) to a batch
-- whose msg_id it names. The first callback overrides a poll and a give-up, later ones change nothing and are
-- counted. A batch adopted through 45065 must have as many people as WeChat counted, else a person has to look,
-- unless WeChat found its people itself. One that is past its retention stays away.
local function applyResult(campaign, batch, open, number, now, json)
  local result = cjson.decode(json)
  local is = redis.call('HMGET', batch, 'state', 'closedBy', 'size', 'adopted')
  if not is[1] then return 'stale' end
  if is[2] == 'callback' then
    redis.call('HINCRBY', batch, 'repeats', 1)
    return 'repeat'
  end
  if is[2] == 'person' then return hearAfterReview(campaign, batch, result) end
  if result.by ~= 'callback' and is[1] ~= 'accepted' then return 'stale' end
  local fields = {}
  for _, name in ipairs({ 'counts', 'trouble', 'originality', 'articleUrls' }) do
    if result[name] then table.insert(fields, name); table.insert(fields, result[name]) end
  end
  local state = result.state
  if is[4] and is[3] ~= '0' and result.total and result.total > 0 and tostring(result.total) ~= is[3] then
    state = 'needs_review'
    table.insert(fields, 'trouble')
    table.insert(fields, '{"code":"TOTAL_MISMATCH","message":"WeChat counts other recipients than this batch has"}')
  elseif not result.trouble then
    redis.call('HDEL', batch, 'trouble')
  end
  closeBatch(campaign, batch, open, number, state, result.by, now, fields)
  if state == 'succeeded' then redis.call('HSET', campaign, 'delivered', 'true') end
  if result.stops and redis.call('SCARD', open) > 0 then redis.call('HSET', campaign, 'stopped', result.trouble) end
  return state
end
