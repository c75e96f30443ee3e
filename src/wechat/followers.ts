import { z } from "zod";
import { Failure } from "../failure.ts";
import type { AccessToken } from "./access-token.ts";
import type { Call } from "./client.ts";

const Page = z.looseObject({ total: z.number().int().nonnegative() });

/** The followers of one account (WECHAT.md section 7). */
export function createFollowers({ call, token: tokens }: { call: Call; token: Pick<AccessToken, "get"> }) {
  return {
    /** How many there are: `total` of user/get. Undefined when WeChat does not say. */
    async count(): Promise<number | undefined> {
      try {
        const reply = await call({ path: "/cgi-bin/user/get", token: await tokens.get() });
        return reply.kind === "answered" ? Page.safeParse(reply.body).data?.total : undefined;
      } catch (failure) {
        if (failure instanceof Failure) return undefined;
        throw failure;
      }
    },
  };
}

export type Followers = ReturnType<typeof createFollowers>;
