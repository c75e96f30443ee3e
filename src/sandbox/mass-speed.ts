import type { Room } from "./call.ts";
import { refuse } from "./refusal.ts";

/** In 10,000 recipients a minute: the table of WECHAT.md section 2.7, which its own sample contradicts. */
const realSpeeds = [80, 60, 45, 30, 10] as const;

/** How fast WeChat sends: a setting of the account, from 0, the fastest, to 4. */
export const speedCalls = {
  "mass/speed/get": ({ speed }) => ({ speed: speed.value, realspeed: realSpeeds[speed.value] }),

  "mass/speed/set": (world, { body }) => {
    if (!body.ok) return refuse(body.errcode);
    const { speed } = body.value;
    if (speed === undefined) return refuse(45084);
    if (typeof speed !== "number" || realSpeeds[speed] === undefined) return refuse(45083);
    world.speed.value = speed;
    return { errcode: 0, errmsg: "" };
  },
} satisfies Room;
