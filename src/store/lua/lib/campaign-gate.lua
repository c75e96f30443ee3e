-- The gate of begin that a campaign is: planned, neither canceled, paused nor stopped, before its deadline,
-- this batch not held back, inside the window (the campaign's, else the account's). Answers nothing when
-- open, else the word that stops, its reason and until when (-1: a person must act).

-- `window` is in minutes of the Shanghai day; from > to spans midnight. src/campaign/window.ts has the same.
local function windowGate(window, now, dayEndsAt)
  local from, to, time = window.from * 60000, window.to * 60000, 86400000 - (dayEndsAt - now)
  local inside = from <= time and time < to
  if from > to then inside = from <= time or time < to end
  if not inside then return 'wait', 'window', now + (from - time) % 86400000 end
end

local function campaignGate(key, now, batch, limits)
  local is, fields = {}, { 'state', 'reason', 'paused', 'refused', 'deadline', 'stopped', 'hold', 'firstBatch',
    'sendableAt', 'windowFrom', 'windowTo' }
  for i, value in ipairs(redis.call('HMGET', key, unpack(fields))) do is[fields[i]] = value end
  if is.state == 'scheduled' or is.state == 'preparing' then return 'wait', 'preparing', -1 end
  if is.state ~= 'sending' then return 'drop', is.reason == 'DEADLINE' and 'deadline' or 'cancel', 0 end
  if is.paused then return 'wait', 'paused', -1 end
  if is.refused and batch.state == 'planned' then return 'drop', 'campaign', 0 end
  if is.deadline and now >= tonumber(is.deadline) then return 'drop', 'deadline', 0 end
  if is.stopped then return 'wait', 'content', -1 end
  if is.hold and batch.number ~= (is.firstBatch or '1') then return 'wait', 'first-batch', -1 end
  if now < tonumber(is.sendableAt) then return 'wait', 'backoff', tonumber(is.sendableAt) end
  local window = is.windowFrom and { from = tonumber(is.windowFrom), to = tonumber(is.windowTo) } or limits.window
  if window then return windowGate(window, now, limits.dayEndsAt) end
end
