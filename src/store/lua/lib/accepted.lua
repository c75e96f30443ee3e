-- A send was accepted: whatever WeChat had stopped is over, of sends to everybody when it was one of those.
local function forgetStops(account, toAll)
  redis.call('HDEL', account, 'blockReason', 'blockUntil', 'blockSince', 'blockTries', 'blockTrouble', 'spentDay',
    'tokenRowUntil')
  if toAll then redis.call('HDEL', account, 'toAllSpentDay', 'toAllReason', 'toAllUntil') end
end
