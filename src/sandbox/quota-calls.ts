import { type Api, apis, dailyCallsOf, pathOf } from "./api.ts";
import type { Call, Room } from "./call.ts";
import { type Reply, refuse } from "./refusal.ts";
import type { Settings } from "./settings.ts";
import type { AccountWorld, World } from "./world.ts";

const clearsPerMonth = 10;

/** Clearing and reading the counters of calls (WECHAT.md section 5). */
export function createQuotaCalls({
  world,
  limits,
}: {
  world: World;
  limits: Pick<Settings, "callsPerMinute" | "sendCallsPerDay">;
}) {
  /** What was published, behind 45028, is not given back: no page says that it were. */
  const clear = ({ quotas }: AccountWorld): Reply => {
    if (quotas.month.get("clear_quota") >= clearsPerMonth) return refuse(48006);
    quotas.month.add("clear_quota");
    quotas.calls.clear();
    return refuse(0);
  };

  return {
    room: {
      clear_quota: (account, { body }) => {
        if (!body.ok) return refuse(body.errcode);
        return body.value.appid === account.account.appid ? clear(account) : refuse(40013);
      },

      "openapi/quota/get": ({ quotas }, { body }) => {
        if (!body.ok) return refuse(body.errcode);
        const api = apis.find((name) => `/cgi-bin${pathOf(name)}` === body.value.cgi_path);
        const daily = api === undefined ? undefined : limitOf(api, limits.sendCallsPerDay);
        if (api === undefined || daily === undefined) return refuse(76021);
        const used = Math.min(quotas.calls.get(api), daily);
        const perMinute = { call_count: limits.callsPerMinute, refresh_second: 60 };
        return {
          errcode: 0,
          errmsg: "ok",
          quota: { daily_limit: daily, used, remain: daily - used },
          ...(api.startsWith("mass/") ? { rate_limit: perMinute } : {}),
        };
      },
    } satisfies Room,

    /** Without a token. The table has appid and secret in the body, the sample in the query. */
    clearBySecret({ query, body }: Call): Reply {
      const { appid, appsecret } = body.ok && body.value.appid !== undefined ? body.value : query;
      if (!appid) return refuse(41002);
      if (!appsecret) return refuse(41004);
      const found = world.byAppid(appid);
      if (found === undefined) return refuse(40013);
      return found.account.secret === appsecret ? clear(found) : refuse(40125);
    },
  };
}

function limitOf(api: Api, sendCallsPerDay: number): number | undefined {
  return api === "mass/send" || api === "mass/sendall" ? sendCallsPerDay : dailyCallsOf(api);
}
