-- The quotas of one account and Shanghai day, in one hash. A unit is a field `unit:<api>/<name>`: "held", "used",
-- or the epoch of the send that took it. `units:<api>` counts an API's units, `held:<api>` those that are held,
-- `calls:<api>` and `calls:all` the calls of the mass interface, held ones and polls included, and `spent:<api>`
-- stands once WeChat has said that there is no more today. `external:<api>` are those among the units that were taken
-- elsewhere, `limit:<api>` is a limit of WeChat's that is lower than the account's own.

-- Has the day no room for one more call? `limit` is nil for a call that takes no unit. In the day's last 3 s it has
-- none: WeChat would count the call on the next one.
local function dayIsFull(key, api, limit, now, limits)
  if now >= limits.dayEndsAt - 3000 then return true end
  local is = redis.call('HMGET', key, 'units:' .. api, 'calls:all', 'spent:' .. api, 'limit:' .. api)
  if limit and is[4] then limit = math.min(limit, tonumber(is[4])) end
  if is[3] or (limit and tonumber(is[1] or 0) >= limit) then return true end
  return limits.allCalls and tonumber(is[2] or 0) >= limits.allCalls
end

-- What holds a unit, false for nothing.
local function unitIs(key, api, name) return redis.call('HGET', key, 'unit:' .. api .. '/' .. name) end

-- Counts a call, or takes one out that never left.
local function countCall(key, api, by)
  redis.call('HINCRBY', key, 'calls:' .. api, by)
  redis.call('HINCRBY', key, 'calls:all', by)
end

-- Takes a unit, unless it is taken already, and lets the day live until nobody asks for it any more.
local function takeUnit(key, api, name, as, dayEndsAt)
  if redis.call('HSETNX', key, 'unit:' .. api .. '/' .. name, as) == 1 then
    redis.call('HINCRBY', key, 'units:' .. api, 1)
  end
  redis.call('PEXPIREAT', key, dayEndsAt + 172800000)
end

-- Gives a unit back, if it is still what this call took it as.
local function giveUnit(key, api, name, as)
  if unitIs(key, api, name) ~= as then return end
  redis.call('HDEL', key, 'unit:' .. api .. '/' .. name)
  redis.call('HINCRBY', key, 'units:' .. api, -1)
end

-- A send's unit: one a call, or one a batch and day.
local function sendUnit(id, calls, per) return per == 'batch' and id or id .. '#' .. calls end

-- Takes back all that a reserved call has taken; `is` is what holds its unit.
local function releaseUnit(key, minute, api, name, is)
  giveUnit(key, api, name, is)
  countCall(key, api, -1)
  if is == 'held' then redis.call('HINCRBY', key, 'held:' .. api, -1) end
  redis.call('ZREM', minute, api .. '/' .. name)
end
