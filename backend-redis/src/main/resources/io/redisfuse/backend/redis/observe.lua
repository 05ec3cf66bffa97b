-- What a cell holds: nothing if it does not exist, {0, value} of a small one, {1, SHA-1} of a
-- large one, whose bytes stay here, {2} of one so large that all others would wait too long.
-- KEYS[1]: the key. ARGV: the largest small size, the largest size to compute the SHA-1 of, and
-- the field, or none for a string.
local field = ARGV[3]
local size
if field then
  size = redis.call('HSTRLEN', KEYS[1], field)
else
  size = redis.call('STRLEN', KEYS[1])
end
if size > tonumber(ARGV[2]) then
  return {2}
end
local value
if field then
  value = redis.call('HGET', KEYS[1], field)
else
  value = redis.call('GET', KEYS[1])
end
if not value then
  return false
end
if size <= tonumber(ARGV[1]) then
  return {0, value}
end
return {1, redis.sha1hex(value)}
