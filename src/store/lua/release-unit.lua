-- Gives back a unit and its place in the minute: its call was not made, or provably never left.
--
-- KEYS[1]  quota   units and calls of the day that the unit was held on
-- KEYS[2]  minute  calls of the last minute
-- ARGV[1]  api     what was to be called
-- ARGV[2]  name    the unit's name
--
-- Returns "released" or "gone"
-- @include quota
local is = unitIs(KEYS[1], ARGV[1], ARGV[2])
if not is then return 'gone' end
releaseUnit(KEYS[1], KEYS[2], ARGV[1], ARGV[2], is)
return 'released'
