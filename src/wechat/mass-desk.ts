import { stringify } from "lossless-json";
import { z } from "zod";
import type { PreviewMessage } from "../campaign/message.ts";
import { Id } from "./answer.ts";
import { type CountedReply, createApi } from "./api.ts";
import type { ApiReply } from "./api-reply.ts";
import type { Call } from "./client.ts";
import { nothing } from "./nothing.ts";
import type { Tokens } from "./with-token.ts";

/** Who sees a preview: a follower, by OpenID or by the name that people call a WeChat id. */
export type PreviewTarget = { readonly openid: string } | { readonly wxname: string };

/** What is deleted: a mass message by its msg_id, all digits, or by the address of an article of it. */
export type DeleteTarget = { readonly msgId: string } | { readonly url: string };

export const Speed = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3), z.literal(4)]);
export type Speed = z.infer<typeof Speed>;

/** Recipients a minute, by speed (WECHAT.md section 2.7). */
const perMinute: Readonly<Record<Speed, number>> = {
  0: 800_000,
  1: 600_000,
  2: 450_000,
  3: 300_000,
  4: 100_000,
};

/**
 * How fast WeChat sends for this account, in recipients a minute: `listed` by the table of its page, `said` by
 * the answer itself, which the page's own sample lets contradict the table.
 */
export type AccountSpeed = { readonly speed: Speed; readonly listed: number; readonly said?: number };

const digits = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]);

const SpeedAnswer = z
  .object({ speed: digits.pipe(Speed), realspeed: digits.optional().catch(undefined) })
  .transform(({ speed, realspeed }): AccountSpeed => {
    const said = realspeed === undefined ? {} : { said: realspeed * 10_000 };
    return { speed, listed: perMinute[speed], ...said };
  });

const PreviewAnswer = z
  .object({ msg_id: Id.optional().catch(undefined) })
  .transform(({ msg_id }) => (msg_id === undefined ? {} : { msgId: msg_id }));

export type MassDesk = ReturnType<typeof createMassDesk>;

/** What people do around the sends of one account (WECHAT.md sections 2.4, 2.5 and 2.7). */
export function createMassDesk(parts: { call: Call; token: Tokens }) {
  const { ask, askOnce } = createApi(parts);
  const path = (name: string) => `/cgi-bin/message/mass/${name}`;

  return {
    /** Sends a message to one follower for a look; costs a unit of the day's previews (100). */
    preview({
      target,
      message,
    }: {
      target: PreviewTarget;
      message: PreviewMessage;
    }): Promise<CountedReply<{ readonly msgId?: string }>> {
      const to = "openid" in target ? { touser: target.openid } : { towxname: target.wxname };
      return askOnce({ path: path("preview"), body: JSON.stringify({ ...to, ...message }) }, PreviewAnswer);
    },

    /**
     * Takes back a mass message of articles or a video, or its `articleIdx`-th article, counted from 1;
     * without one all of it. Whoever has the card keeps it, and finds its page deleted. Costs a unit of the
     * day's deletes (10).
     *
     * article_idx always goes along, 0 for all: WeChat's table calls it required, its text does not.
     */
    delete({
      articleIdx = 0,
      ...of
    }: DeleteTarget & { readonly articleIdx?: number }): Promise<CountedReply<undefined>> {
      // A number, as the page has it, and written out whole: it is of 64 bits.
      const what = "msgId" in of ? { msg_id: BigInt(of.msgId) } : { url: of.url };
      const body = stringify({ ...what, article_idx: articleIdx }) ?? "";
      return askOnce({ path: path("delete"), body }, nothing);
    },

    /** An empty object goes along: WeChat's sample has a body, and one of no bytes is refused elsewhere (44002). */
    getSpeed(): Promise<ApiReply<AccountSpeed>> {
      return ask({ path: path("speed/get"), body: "{}" }, SpeedAnswer);
    },

    /** For all sends of the account, until it is set again. */
    setSpeed(speed: Speed): Promise<ApiReply<undefined>> {
      return ask({ path: path("speed/set"), body: JSON.stringify({ speed }) }, nothing);
    },
  };
}
