import { calls } from "./api.ts";
import type { Call } from "./call.ts";
import { type Reply, refuse } from "./refusal.ts";
import type { AccountWorld, World } from "./world.ts";

const stableCallsPerMinute = 10_000;

/** The two token calls (WECHAT.md section 1). */
export function createTokenCalls(world: World) {
  /** The account that is asked for, or the code to refuse with. */
  const authenticate = (request: Readonly<Record<string, unknown>>): AccountWorld | number => {
    const { grant_type: grantType, appid, secret } = request;
    if (grantType !== "client_credential") return 40002;
    if (!appid) return 41002;
    if (!secret) return 41004;
    const found = world.byAppid(appid);
    if (found === undefined) return 40013;
    return found.account.secret === secret ? found : 40125;
  };

  return {
    token({ query }: Call): Reply {
      const found = authenticate(query);
      if (typeof found === "number") return refuse(found);
      if (found.quotas.calls.add("token") > calls.token.daily) return refuse(45009);
      return found.tokens.issuePlain();
    },

    stableToken({ body }: Call): Reply {
      if (!body.ok) return refuse(body.errcode);
      const { force_refresh: force = false } = body.value;
      const found = authenticate(body.value);
      if (typeof found === "number") return refuse(found);
      if (typeof force !== "boolean") return refuse(47003);
      if (found.quotas.minute.add("stable_token") > stableCallsPerMinute) return refuse(45011);
      if (found.quotas.calls.add("stable_token") > calls.stable_token.daily) return refuse(45009);
      return found.tokens.issueStable(force);
    },
  };
}
