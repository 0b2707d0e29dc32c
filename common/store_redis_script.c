/* SPDX-License-Identifier: MIT */
/* The Lua scripts that Redis runs for the store. Each is one atomic step on the keys of one hash slot. Redis
 * keeps what a failed script has written, so each checks what can fail before it writes.
 *
 * Every script answers {word, detail}; "ok" when it did its work. */
#include "common/store_redis_private.h"

#include <assert.h>

/* KEYS: the home's hash, then each key that is touched. ARGV: from, to, then the changes in order, each a
 * code and, unless it is a removal, its arguments as the command takes them, packed as one MessagePack text
 * after another: Redis then moves one argument about instead of a dozen, which is a third of the script's
 * time. code = 10 * number of arguments + kind + (5 when the change is the first of the next key); kinds: 0
 * HSET, 1 HDEL, 2 ZADD, 3 ZREM, 4 UNLINK.
 *
 * Key types are asked with HLEN and ZCARD: they answer WRONGTYPE and cost less than TYPE. The first write is
 * the one that can be refused for want of memory, disk, rights or a master; should a later one fail
 * nevertheless, the position stays `broken`, which no commit starts from and no reader takes for a number. */
static const char commit_text[] =
    "local home = KEYS[1]\n"
    "local call, try, unpack = redis.call, redis.pcall, cmsgpack.unpack\n"
    "local function refuse(answer, key)\n"
    "  if string.sub(answer.err, 1, 9) == 'WRONGTYPE' then return {'wrongtype', key} end\n"
    "  return answer\n"
    "end\n"
    "local at = try('HGET', home, 'position')\n"
    "if type(at) == 'table' then return refuse(at, home) end\n"
    "at = at or '0'\n"
    "if at ~= ARGV[1] then return {'moved', at} end\n"
    "\n"
    "local argc = #ARGV\n"
    "local k, i, asked, gone = 1, 3, nil, false\n"
    "local numbers = {}\n"
    "while i <= argc do\n"
    "  local code = numbers[ARGV[i]]\n"
    "  if not code then\n"
    "    code = tonumber(ARGV[i])\n"
    "    if not code then return {'malformed', ARGV[i]} end\n"
    "    numbers[ARGV[i]] = code\n"
    "  end\n"
    "  local kind = code % 10\n"
    "  local count = (code - kind) / 10\n"
    "  if kind >= 5 then\n"
    "    kind, k, asked, gone = kind - 5, k + 1, nil, false\n"
    "  end\n"
    "  local key = KEYS[k]\n"
    "  if not key or k == 1 then return {'malformed', ARGV[i]} end\n"
    "  if kind == 4 then\n"
    "    asked, gone, i = nil, true, i + 1\n"
    "  else\n"
    "    if count == 0 or (kind % 2 == 0 and count % 2 == 1) or i == argc then return {'malformed', ARGV[i]} "
    "end\n"
    "    local ask = kind < 2 and 'HLEN' or 'ZCARD'\n"
    "    if ask ~= asked then\n"
    "      if asked then return {'malformed', ARGV[i]} end\n"
    "      asked = ask\n"
    "      if not gone then\n"
    "        local held = try(ask, key)\n"
    "        if type(held) == 'table' then return refuse(held, key) end\n"
    "      end\n"
    "    end\n"
    "    i = i + 2\n"
    "  end\n"
    "end\n"
    "if k ~= #KEYS then return {'malformed', 'keys'} end\n"
    "\n"
    "local first = try('HSET', home, 'position', 'broken')\n"
    "if type(first) == 'table' then return first end\n"
    "local names = {[0] = 'HSET', 'HDEL', 'ZADD', 'ZREM'}\n"
    "local done, why = pcall(function()\n"
    "  k, i = 1, 3\n"
    "  while i <= argc do\n"
    "    local kind = numbers[ARGV[i]] % 10\n"
    "    if kind >= 5 then kind, k = kind - 5, k + 1 end\n"
    "    if kind == 4 then\n"
    "      call('UNLINK', KEYS[k])\n"
    "      i = i + 1\n"
    "    else\n"
    "      call(names[kind], KEYS[k], unpack(ARGV[i + 1]))\n"
    "      i = i + 2\n"
    "    end\n"
    "  end\n"
    "  call('HSET', home, 'position', ARGV[2])\n"
    "end)\n"
    "if not done then return {'broken', type(why) == 'table' and why.err or tostring(why)} end\n"
    "return {'ok'}\n";

/* KEYS: a ranking. ARGV: score, member, count: the entries after (score, member), whether or not it is
 * (still) there. Then its rank is found by halving among its score's equals. Lua's < follows the server's
 * locale: hence bytes. */
static const char ranks_text[] =
    "local key, score, member = KEYS[1], ARGV[1], ARGV[2]\n"
    "local function after(a, b)\n"
    "  for i = 1, math.min(#a, #b) do\n"
    "    local x, y = string.byte(a, i), string.byte(b, i)\n"
    "    if x ~= y then return x > y end\n"
    "  end\n"
    "  return #a > #b\n"
    "end\n"
    "local start\n"
    "local there = redis.call('ZSCORE', key, member)\n"
    "if there and tonumber(there) == tonumber(score) then\n"
    "  start = redis.call('ZRANK', key, member) + 1\n"
    "else\n"
    "  start = redis.call('ZCOUNT', key, '-inf', '(' .. score)\n"
    "  local stop = redis.call('ZCOUNT', key, '-inf', score)\n"
    "  while start < stop do\n"
    "    local middle = math.floor((start + stop) / 2)\n"
    "    if after(redis.call('ZRANGE', key, middle, middle)[1], member) then\n"
    "      stop = middle\n"
    "    else\n"
    "      start = middle + 1\n"
    "    end\n"
    "  end\n"
    "end\n"
    "return redis.call('ZRANGE', key, start, start + tonumber(ARGV[3]) - 1, 'WITHSCORES')\n";

/* KEYS: the home's hash. ARGV: from, to. */
static const char place_text[] = "local at = redis.call('HGET', KEYS[1], 'position') or '0'\n"
                                 "if at ~= ARGV[1] then return {'moved', at} end\n"
                                 "redis.call('HSET', KEYS[1], 'position', ARGV[2])\n"
                                 "return {'ok'}\n";

/* KEYS: the home's hash and the ranking that stays, which may hold anything. Its scores become negative, also
 * those that are already. */
static const char clear_begin_text[] =
    "if redis.call('TYPE', KEYS[2]).ok == 'zset' then\n"
    "  redis.call('ZUNIONSTORE', KEYS[2], 2, KEYS[2], KEYS[2], 'WEIGHTS', 1, -1, 'AGGREGATE', 'MIN')\n"
    "else\n"
    "  redis.call('UNLINK', KEYS[2])\n"
    "end\n"
    "if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then redis.call('UNLINK', KEYS[1]) end\n"
    "redis.call('HSET', KEYS[1], 'position', 'clearing')\n"
    "return {'ok'}\n";

/* KEYS: the home's hash, then keys to remove; only while the home is being cleared, for another may have
 * finished. */
static const char clear_some_text[] = "local at = redis.call('HGET', KEYS[1], 'position') or '0'\n"
                                      "if at ~= 'clearing' then return {'moved', at} end\n"
                                      "redis.call('UNLINK', unpack(KEYS, 2))\n"
                                      "return {'ok'}\n";

static const char clear_end_text[] = "local at = redis.call('HGET', KEYS[1], 'position') or '0'\n"
                                     "if at ~= 'clearing' then return {'moved', at} end\n"
                                     "redis.call('UNLINK', KEYS[1])\n"
                                     "redis.call('HSET', KEYS[1], 'position', '0')\n"
                                     "return {'ok'}\n";

/* KEYS: the lease. ARGV: 1 to take it from another, then fields: "token" first. */
static const char lease_text[] = "local held = redis.call('HMGET', KEYS[1], 'token', 'beat')\n"
                                 "if held[1] and held[1] ~= ARGV[3] and ARGV[1] ~= '1' then\n"
                                 "  return {'busy', held[1] .. ' ' .. (held[2] or '0')}\n"
                                 "end\n"
                                 "redis.call('HSET', KEYS[1], unpack(ARGV, 2))\n"
                                 "redis.call('HINCRBY', KEYS[1], 'beat', 1)\n"
                                 "return {'ok'}\n";

static const char lease_release_text[] =
    "if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then redis.call('UNLINK', KEYS[1]) end\n"
    "return {'ok'}\n";

/* KEYS: a key that is not there. Every write of the commit, in a form that changes nothing: is it allowed?
 * The one that Redis refuses for want of memory comes first: behind another write it lets it pass. */
static const char probe_text[] = "redis.call('ZADD', KEYS[1], 'XX', 0, 'member')\n"
                                 "redis.call('HLEN', KEYS[1])\n"
                                 "redis.call('ZCARD', KEYS[1])\n"
                                 "redis.call('HDEL', KEYS[1], 'field')\n"
                                 "redis.call('ZREM', KEYS[1], 'member')\n"
                                 "redis.call('UNLINK', KEYS[1])\n"
                                 "redis.call('HSET', KEYS[1], 'field', '')\n"
                                 "redis.call('UNLINK', KEYS[1])\n"
                                 "return {'ok'}\n";

const char *script_text(enum script script)
{
    static const char *const texts[SCRIPT_COUNT] = {
        [SCRIPT_COMMIT] = commit_text,         [SCRIPT_RANKS] = ranks_text,
        [SCRIPT_PLACE] = place_text,           [SCRIPT_CLEAR_BEGIN] = clear_begin_text,
        [SCRIPT_CLEAR_SOME] = clear_some_text, [SCRIPT_CLEAR_END] = clear_end_text,
        [SCRIPT_LEASE] = lease_text,           [SCRIPT_LEASE_RELEASE] = lease_release_text,
        [SCRIPT_PROBE] = probe_text,
    };
    assert(script < SCRIPT_COUNT);
    return texts[script];
}
