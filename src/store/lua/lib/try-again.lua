-- A person lets an account in trouble try again: at once, afresh, with whatever token WeChat gives. Since when
-- the trouble lasts stays, so that a campaign is given up in time.
local function tryAccountAgain(account, token, now)
  redis.call('HDEL', account, 'blockTries', 'tokenRowUntil')
  redis.call('HDEL', token, 'bad')
  if redis.call('HGET', account, 'blockReason') == 'account' then redis.call('HSET', account, 'blockUntil', now) end
end
